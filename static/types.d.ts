// The libraries as pages import them: by their path under the hash (web/assets.py), not by their npm name.
declare module "*/lib/htmx.js";
declare module "*/lib/idb.js" {
  export * from "idb";
}
declare module "*/lib/lit-html.js" {
  export * from "lit-html";
}
declare module "*/lib/qr/decode.js" {
  export * from "qr/decode.js";
}
declare module "*/lib/lit-html/directives/repeat.js" {
  export * from "lit-html/directives/repeat.js";
}
declare module "*/lib/leaflet.js" {
  import * as leaflet from "leaflet";
  export default leaflet;
}
