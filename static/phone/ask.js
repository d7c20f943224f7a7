/** Asks before something goes for good. */
import { makeButton, makeDialog } from "../js/dialog.js";

/**
 * @param {string} words what will happen
 * @param {string} yes
 * @param {() => Promise<unknown>} act what it raises is said in the dialog
 */
export function ask(words, yes, act) {
  const dialog = makeDialog("confirm", "请确认");
  const said = document.createElement("p");
  said.className = "confirm-words";
  said.textContent = words;
  const buttons = document.createElement("div");
  buttons.className = "actions";
  const go = makeButton(yes, "button main", () =>
    act().then(
      () => dialog.close(),
      (error) => {
        said.textContent = error instanceof Error ? error.message : "没有成功,请再试一次。";
        go.remove();
      },
    ),
  );
  buttons.append(
    go,
    makeButton("留着", "button quiet", () => dialog.close()),
  );
  dialog.append(said, buttons);
  dialog.showModal();
}
