/** Asks before a form with data-confirm is sent; the words say what will happen. */
import { makeButton, makeDialog } from "./dialog.js";

/** @type {WeakSet<HTMLFormElement>} */
const agreed = new WeakSet();

document.addEventListener("submit", ask, { capture: true });

/** @param {SubmitEvent} event */
function ask(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  const asking = event.submitter?.dataset.confirm ? event.submitter : form;
  if (!asking.dataset.confirm || agreed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  show(form, asking, event.submitter);
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} asking
 * @param {HTMLElement | null} submitter
 */
function show(form, asking, submitter) {
  const { confirm = "", confirmYes = "确定", confirmNo = "再想想" } = asking.dataset;
  const dialog = makeDialog("confirm", "请确认");
  const words = document.createElement("p");
  words.className = "confirm-words";
  words.textContent = confirm;
  const buttons = document.createElement("div");
  buttons.className = "actions";
  const yes = makeButton(confirmYes, "button main", () => {
    agreed.add(form);
    dialog.close();
    form.requestSubmit(submitter);
  });
  buttons.append(
    yes,
    makeButton(confirmNo, "button quiet", () => dialog.close()),
  );
  dialog.append(words, buttons);
  dialog.showModal();
}
