// 朗读: the browser reads the page's news, then its main text, in order; a second tap stops it. The button is hidden until it can.

const voice = window.speechSynthesis;
const say = (words) => document.dispatchEvent(new CustomEvent("linli:say", { detail: { words, show: true } }));
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

/* == what is read =========================================================== */
// Numbers one must write down are read figure by figure.
const spoken = (text) => text
  .replace(/\d{6}-\d{4,}|\d{3,4}[- ]\d{4} ?\d{3,4}|1\d{10}/g, (number) => number.replace(/\D/g, "").split("").join(" "))
  .replace(/(\d+)-(\d+)-(\d+)/g, "$1幢$2单元$3")
  .replace(/·/g, "，");

function partsOf() {
  const marked = $$("main [data-aloud]").filter((part) => part.offsetParent && !part.parentElement.closest("[data-aloud]"));
  return marked.length ? marked : $$("main h1, main h2, main p, main li, main dt, main dd, main label, main legend")
    .filter((part) => part.offsetParent && !part.closest("details:not([open]), .visually-hidden, #problem")
      && !part.parentElement.closest("main p, main li, main dt, main dd, main label"));
}
const linesOf = (part) => part.innerText.split("\n").map((line) => line.trim()).filter(Boolean);

/* == reading ================================================================ */
let reading = null; // {stop} while it reads

function read(button) {
  const queue = partsOf().flatMap((part) => linesOf(part).map((line) => ({ part, line })));
  let isStopped = false;
  let marked = null;
  const mark = (part) => {
    if (marked === part) return;
    if (marked) marked.classList.remove("is-aloud");
    marked = part;
    if (part) part.classList.add("is-aloud");
  };
  const stop = () => {
    isStopped = true;
    voice.cancel();
    mark(null);
    reading = null;
    button.setAttribute("aria-pressed", "false");
  };
  const next = () => {
    if (isStopped) return;
    const one = queue.shift();
    if (!one) { stop(); return; }
    const words = new SpeechSynthesisUtterance(spoken(one.line));
    words.lang = "zh-CN";
    words.rate = document.documentElement.dataset.mode === "care" ? 0.85 : 1;
    const chinese = voice.getVoices().find((each) => each.lang.replace("_", "-").startsWith("zh"));
    if (chinese) words.voice = chinese;
    words.onend = next;
    words.onerror = () => {
      if (isStopped) return;
      stop();
      say("这台手机现在读不出声音。请看看音量，或打社区电话，社工念给您听。");
    };
    mark(one.part);
    if (one.part.scrollIntoView) one.part.scrollIntoView({ block: "nearest" });
    voice.speak(words);
  };
  button.setAttribute("aria-pressed", "true");
  reading = { stop };
  voice.cancel();
  next();
}

/* == the button ============================================================= */
// Voices may come late; only a list that has some and none of them Chinese says that this machine cannot.
function offer() {
  const voices = voice.getVoices();
  const can = !voices.length || voices.some((each) => each.lang.startsWith("zh"));
  for (const button of $$("[data-aloud-button]")) button.hidden = !can;
}
if (voice && window.SpeechSynthesisUtterance) {
  offer();
  if (voice.addEventListener) voice.addEventListener("voiceschanged", offer);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-aloud-button]");
    if (!button) return;
    if (reading) reading.stop(); else read(button);
  });
  addEventListener("pagehide", () => { if (reading) reading.stop(); });
}
