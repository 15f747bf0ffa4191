// What the pages of matters add to a plain form: a question is asked only when the answer before it calls for it,
// and a page that somebody is writing on is not replaced under her hands.

/* <div data-when="place=elsewhere">: shown while the form's `place` is `elsewhere`. Without a script it is simply there. */
function showWhen(form) {
  for (const part of form.querySelectorAll("[data-when]")) {
    const [name, value] = part.dataset.when.split("=");
    const asked = form.elements.namedItem(name);
    const hasError = part.querySelector(".field--error");
    if (asked) part.hidden = asked.value !== value && !hasError;
  }
}
for (const form of document.querySelectorAll("form")) {
  if (!form.querySelector("[data-when]")) continue;
  form.addEventListener("change", () => showWhen(form));
  addEventListener("pageshow", () => showWhen(form)); // after the browser, or app.js, has brought typing back
  showWhen(form);
}

/* A part in which somebody writes, or reads out a number she asked for, is left alone; when it is no longer the newest, that is said. */
const isHeld = (part) => part.querySelector(".step[open], [data-revealed]") || [...part.querySelectorAll("form")].some((form) =>
  [...form.elements].some((field) => (field.type === "textarea" && field.value.trim())
    || (field.type === "file" && field.files.length) || (field.type === "radio" && field.checked !== field.defaultChecked)));

async function isNewer(part) {
  try {
    const answer = await fetch(part.getAttribute("hx-get"), { headers: { "HX-Request": "true" } });
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
    return Boolean(found) && found.dataset.version !== part.dataset.version;
  } catch { return false; }
}
function sayNewer(part) {
  if (part.querySelector("[data-newer]")) return;
  const line = document.createElement("p");
  line.className = "banner banner--offline newer";
  line.dataset.newer = "";
  line.setAttribute("role", "status");
  line.textContent = "这件事刚有更新。您写的还在；先看经过，可以刷新这一页。";
  part.prepend(line);
}
document.addEventListener("live", async (event) => {
  const part = event.target;
  if (!part.dataset.version || !isHeld(part)) return;
  event.stopImmediatePropagation();
  if (await isNewer(part)) sayNewer(part);
}, true); // before htmx hears of it

// The answer to a refresh that was asked before she began to write comes too late.
document.addEventListener("htmx:before:swap", (event) => {
  const { sourceElement: part, text } = event.detail.ctx;
  if (!part.matches("[data-version]") || !isHeld(part)) return;
  event.preventDefault();
  const found = new DOMParser().parseFromString(text, "text/html").getElementById(part.id);
  if (found && found.dataset.version !== part.dataset.version) sayNewer(part);
}, true);

/* Whoever stands on something in a part that is replaced stands on the same thing afterwards; if it is gone, on the title. */
const nameOf = (element) => element.id || element.getAttribute("href") || `${element.tagName} ${element.textContent.trim()}`;
const stops = (part) => [...part.querySelectorAll("a[href], button, summary, input, textarea, h1")];
let stood = null;
document.addEventListener("htmx:before:swap", () => {
  const part = document.activeElement.closest("[data-version]");
  stood = part && { id: part.id, name: nameOf(document.activeElement) };
});
document.addEventListener("htmx:after:swap", () => {
  const part = stood && document.getElementById(stood.id);
  if (!part || document.activeElement !== document.body) return;
  const same = stops(part).find((element) => nameOf(element) === stood.name) || part.querySelector("h1[tabindex]");
  if (same) same.focus({ preventScroll: true });
});
