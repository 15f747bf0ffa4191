// Help that answers while one types, also without a connection: all topics are fetched once, and the browser keeps them for a year.
// Without this script the form leads to /help/, which says the same.

let topics = null;

async function fetched(url) {
  if (!topics && url) {
    try { topics = await (await fetch(url, { cache: "force-cache" })).json(); } catch { topics = null; }
  }
  return topics || [];
}

/* The same order as core.help: the title counts most, then what people call it, then what it says. */
function rankOfWord(topic, word) {
  const places = [[800, topic.title], [600, topic.also], [300, topic.text]];
  for (const [worth, place] of places) if (place.toLowerCase().includes(word)) return worth;
  const pairs = [...new Set([...word].slice(0, -1).map((sign, at) => sign + [...word][at + 1]))];
  const name = `${topic.title} ${topic.also}`.toLowerCase();
  const inName = pairs.filter((pair) => name.includes(pair)).length;
  const inAll = pairs.filter((pair) => `${name} ${topic.text.toLowerCase()}`.includes(pair)).length;
  return [...word].length > 2 && inAll * 2 >= pairs.length ? inAll + 2 * inName : 0;
}
function rank(topic, asked) {
  const ranks = asked.toLowerCase().split(/\s+/).filter(Boolean).map((word) => rankOfWord(topic, word));
  return ranks.length && ranks.every(Boolean) ? ranks.reduce((sum, one) => sum + one, 0) : 0;
}
function search(all, asked, face) {
  const ranked = all.map((topic) => [rank(topic, asked), topic]);
  const best = Math.max(...ranked.map(([worth]) => worth));
  const found = ranked.filter(([worth]) => worth && worth * 3 >= best);
  const isOther = (topic) => Number(!topic.faces.includes(face));
  return found.sort((a, b) => isOther(a[1]) - isOther(b[1]) || b[0] - a[0]).map(([, topic]) => topic);
}

function drawn(topic, isOpen) {
  const box = document.createElement("details");
  box.className = "topic";
  box.open = isOpen;
  const title = document.createElement("summary");
  title.textContent = topic.title;
  const body = document.createElement("div");
  body.className = "topic__body";
  body.innerHTML = topic.body; // from our own files, with nothing filled in
  box.append(title, body);
  return box;
}

async function answer(help) {
  const asked = help.querySelector("[name=q]").value.trim();
  const place = help.querySelector("[data-help-found]");
  if (!asked) { place.hidden = true; place.replaceChildren(); return; }
  const found = search(await fetched(help.dataset.help), asked, help.dataset.face).slice(0, 5);
  if (help.querySelector("[name=q]").value.trim() !== asked) return;
  const note = document.createElement("p");
  note.className = "note";
  note.textContent = found.length ? `找到 ${found.length} 条` : "没有写到这个，换个说法，或打值班电话问。";
  place.replaceChildren(note, ...found.map((topic, at) => drawn(topic, at === 0)));
  place.hidden = false;
}

let pause = 0;
for (const help of document.querySelectorAll("[data-help]")) {
  const form = help.querySelector("form[role=search]");
  if (!form) continue;
  form.addEventListener("input", (event) => {
    if (event.isComposing) return; // pinyin on its way to a word
    clearTimeout(pause);
    pause = setTimeout(() => answer(help), 150);
  });
  form.addEventListener("compositionend", () => { clearTimeout(pause); pause = setTimeout(() => answer(help), 150); });
  form.addEventListener("submit", (event) => { if (topics && topics.length) { event.preventDefault(); answer(help); } });
}
// Kept before it is needed, once the page is quiet: help is asked for when something does not work.
const first = document.querySelector("[data-help]");
const later = window.requestIdleCallback || ((work) => setTimeout(work, 2000));
if (first && first.dataset.help) addEventListener("load", () => later(() => fetched(first.dataset.help)));

export { rank, search };
