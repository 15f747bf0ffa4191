// Controls that work plainly without this file and better with it: dialogs, steppers, sheets, toasts that the server sent.

const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/* == dialog: <a href="#seal" data-dialog> opens <dialog id="seal">; without script the address alone shows it (:target) == */
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener && !event.metaKey && !event.ctrlKey) {
    const dialog = document.getElementById(opener.getAttribute("href").slice(1));
    if (!dialog || !dialog.showModal) return;
    event.preventDefault();
    dialog.addEventListener("close", () => opener.focus(), { once: true });
    dialog.showModal();
    // The safe way out has the focus, not the deed: Enter pressed too often seals nothing.
    (dialog.querySelector("[autofocus]") || dialog.querySelector("[data-close]") || dialog).focus();
    return;
  }
  const closer = event.target.closest("dialog [data-close]");
  if (closer && closer.closest("dialog").open) { event.preventDefault(); closer.closest("dialog").close(); }
  if (event.target.matches && event.target.matches("dialog[open]") && isOutside(event)) event.target.close();
});
function isOutside(event) {
  const box = event.target.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

/* == stepper: a number with a button to each side == */
function fitStepper(stepper) {
  const input = stepper.querySelector("input");
  const [least, most] = [input.min, input.max].map((limit) => (limit === "" ? null : Number(limit)));
  for (const button of $$("button", stepper)) {
    const isEnd = Number(button.dataset.step) < 0 ? least !== null && Number(input.value) <= least : most !== null && Number(input.value) >= most;
    button.setAttribute("aria-disabled", String(isEnd));
  }
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-stepper] [data-step]");
  if (!button || button.getAttribute("aria-disabled") === "true") return;
  const input = button.closest("[data-stepper]").querySelector("input");
  if (Number(button.dataset.step) > 0) input.stepUp(); else input.stepDown();
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
  document.dispatchEvent(new CustomEvent("linli:say", { detail: { words: input.value } }));
});
document.addEventListener("input", (event) => {
  const stepper = event.target.closest("[data-stepper]");
  if (stepper) fitStepper(stepper);
});

/* == sheet: the arrows move from cell to cell, Enter goes down, as in a spreadsheet == */
// One cell is in the order of Tab; the others are reached with the arrows (the ARIA grid pattern).
const cellsOf = (row) => $$("[data-cell]", row);
function focusCell(cell) {
  const sheet = cell.closest("[data-sheet]");
  for (const other of $$("[data-cell]", sheet)) other.tabIndex = -1;
  cell.tabIndex = 0;
  cell.focus();
  if (cell.select) cell.select();
}
function neighbour(cell, across, down) {
  const rows = $$("tr", cell.closest("[data-sheet]")).filter((row) => cellsOf(row).length);
  const row = rows.indexOf(cell.closest("tr"));
  if (across) return cellsOf(rows[row])[cellsOf(rows[row]).indexOf(cell) + across];
  const column = cell.closest("td").cellIndex;
  for (let next = row + down; rows[next]; next += down) {
    const found = cellsOf(rows[next]).find((other) => other.closest("td").cellIndex === column);
    if (found) return found;
  }
  return undefined;
}
const isAtEdge = (cell, across) => {
  if (!("selectionStart" in cell) || cell.selectionStart === null) return true;
  const isWhole = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
  return isWhole || (across < 0 ? cell.selectionEnd === 0 : cell.selectionStart === cell.value.length);
};
const MOVES = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
document.addEventListener("keydown", (event) => {
  const cell = event.target.closest && event.target.closest("[data-sheet] [data-cell]");
  if (!cell || event.isComposing || event.keyCode === 229 || event.altKey || event.metaKey) return;
  let next;
  if (event.key === "Enter" && cell.tagName === "INPUT") { next = neighbour(cell, 0, event.shiftKey ? -1 : 1); event.preventDefault(); }
  else if (event.key === "Home" && event.ctrlKey) next = $$("[data-cell]", cell.closest("[data-sheet]"))[0];
  else if (event.key === "End" && event.ctrlKey) next = $$("[data-cell]", cell.closest("[data-sheet]")).pop();
  else if (MOVES[event.key] && !event.ctrlKey) {
    const [across, down] = MOVES[event.key];
    if (across && !isAtEdge(cell, across)) return; // the caret still has somewhere to go
    next = neighbour(cell, across, down);
  }
  if (next) { event.preventDefault(); focusCell(next); }
});
// A click on a cell takes the whole value, as in a spreadsheet; a second one sets the caret.
let entered = null;
document.addEventListener("click", (event) => {
  if (entered && entered === event.target && entered.select) entered.select();
  entered = null;
});
document.addEventListener("focusin", (event) => {
  const cell = event.target.closest && event.target.closest("[data-sheet] [data-cell]");
  if (!cell) return;
  entered = cell;
  for (const other of $$("[data-cell]", cell.closest("[data-sheet]"))) other.tabIndex = other === cell ? 0 : -1;
});

/* == toasts that came with the page leave after their ten seconds, unless somebody is on them == */
function leaveLater(toast) {
  let timer = 0;
  const start = () => { timer = setTimeout(() => toast.remove(), 10000); };
  for (const stay of ["pointerenter", "focusin"]) toast.addEventListener(stay, () => { clearTimeout(timer); toast.classList.add("toast--held"); });
  for (const go of ["pointerleave", "focusout"]) toast.addEventListener(go, () => { toast.classList.remove("toast--held"); clearTimeout(timer); start(); });
  start();
}

function enhance(root) {
  for (const stepper of $$("[data-stepper]:not([data-ready])", root)) {
    stepper.dataset.ready = "1";
    for (const button of $$("button", stepper)) button.hidden = false;
    fitStepper(stepper);
  }
  for (const sheet of $$("[data-sheet]:not([data-ready])", root)) {
    sheet.dataset.ready = "1";
    $$("[data-cell]", sheet).forEach((cell, index) => { cell.tabIndex = index ? -1 : 0; });
  }
  for (const toast of $$("[data-toast]:not([data-ready])", root)) {
    toast.dataset.ready = "1";
    const place = document.getElementById("toasts");
    if (place && !toast.closest("[data-still]")) place.append(toast);
    leaveLater(toast);
  }
}
enhance(document);
document.addEventListener("htmx:after:swap", () => enhance(document));
