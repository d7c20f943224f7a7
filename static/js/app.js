/** Loads htmx and, for each behaviour that a page asks for by a data attribute, the module that has it. */
import "../lib/htmx.js";
