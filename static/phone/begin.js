/** Makes the report one that is kept on this phone, once the page has loaded; where the browser cannot, its photos go at once. */

const able = "indexedDB" in globalThis && globalThis.crypto?.subtle !== undefined;
const begin = () => (able ? import("./report.js") : import("../resident/photos.js"));

if (document.readyState === "complete") begin();
else window.addEventListener("load", begin, { once: true });
