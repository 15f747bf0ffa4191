// The code's page: a pasted message gives its six digits, and the button that sends another says how long it still takes.

const field = document.querySelector("#code input[name=code]");
field.addEventListener("paste", (event) => {
  const pasted = event.clipboardData.getData("text").normalize("NFKC");
  const found = pasted.match(/(?:^|\D)(\d{6})(?!\d)/) || pasted.match(/^\D*(\d\D?\d\D?\d\D?\d\D?\d\D?\d)\D*$/);
  if (!found) return;
  event.preventDefault();
  field.value = found[1].replace(/\D/g, "");
});

const again = document.querySelector("[data-wait]");
const words = again.querySelector("span");
const plain = words.textContent;
const until = Date.now() + Number(again.dataset.wait) * 1000;
function tell() {
  const left = Math.ceil((until - Date.now()) / 1000);
  again.disabled = left > 0;
  words.textContent = left > 0 ? `${left} 秒后可以重新发送` : plain;
  if (left > 0) setTimeout(tell, 1000);
}
tell();
