/** A toast goes by itself, but not while somebody points at it or is about to undo. */

const STAYS = 8000;

/** @param {HTMLElement} toast */
export function start(toast) {
  const leave = () => {
    if (toast.matches(":hover, :focus-within")) setTimeout(leave, STAYS / 2);
    else toast.remove();
  };
  if (toast.closest("#toasts")) setTimeout(leave, STAYS);
}
