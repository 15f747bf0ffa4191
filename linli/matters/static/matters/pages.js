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

/* Another kind is chosen: the part beneath it is fetched, and what is already answered there stays. */
async function askByKind(form, part) {
  const chosen = new URLSearchParams();
  for (const name of ["kind", "what"]) chosen.set(name, form.elements.namedItem(name)?.value ?? "");
  const asked = String(chosen);
  part.dataset.asked = asked;
  const given = new Map([...new FormData(form)].filter(([name]) => name.startsWith("ask-")));
  let answer;
  try {
    answer = await fetch(`${part.dataset.parts}?${asked}`, { headers: { "HX-Request": "true" } });
  } catch { return; } // no signal: the server asks when it is sent
  if (!answer.ok || part.dataset.asked !== asked) return;
  const held = document.activeElement;
  const stood = part.contains(held) && { name: held.name, value: held.value };
  part.innerHTML = await answer.text();
  for (const field of part.querySelectorAll("input")) {
    if (field.type === "radio") field.checked ||= given.get(field.name) === field.value;
    else if (given.has(field.name)) field.value = given.get(field.name);
    if (stood && field.name === stood.name && field.value === stood.value) field.focus({ preventScroll: true });
  }
}
for (const part of document.querySelectorAll("[data-parts]")) {
  const form = part.closest("form");
  form.addEventListener("change", (event) => {
    if (event.target.name === "kind" || event.target.name === "what") askByKind(form, part);
  });
}

/* <li data-phrase> inside <div data-phrases="id of the words" data-by="name of the endings">: a press fills the words. */
function readyPhrases(box) {
  if (box.dataset.ready) return;
  box.dataset.ready = "";
  const words = document.getElementById(box.dataset.phrases);
  const { form } = words;
  for (const line of box.querySelectorAll("[data-phrase]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "phrase";
    button.textContent = line.textContent;
    button.addEventListener("click", () => {
      words.value = words.value.trim() ? `${words.value.trim()}${button.textContent}` : button.textContent;
      words.dispatchEvent(new Event("input", { bubbles: true })); // so that it is kept as a draft
      words.focus();
    });
    line.replaceChildren(button);
  }
  const show = () => {
    const ending = form.elements.namedItem(box.dataset.by).value;
    const lists = [...box.querySelectorAll("[data-of]")];
    for (const list of lists) list.hidden = list.dataset.of !== ending;
    box.hidden = lists.every((list) => list.hidden);
  };
  form.addEventListener("change", show);
  show();
}
const readyAllPhrases = () => document.querySelectorAll("[data-phrases]").forEach(readyPhrases);
document.addEventListener("htmx:after:swap", readyAllPhrases);
readyAllPhrases();

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
