// A passkey, made or shown: the server's challenge, the browser's own dialogue, the server's word on the answer.
// Where the browser knows no passkeys the forms stay hidden, and the six digits do.

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const withBytes = (list) => (list || []).map((each) => Object.assign({}, each, { id: toBytes(each.id) }));

async function send(form, address, body) {
  const answer = await fetch(address, {
    method: "POST",
    body: JSON.stringify(body),
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
    },
  });
  return { isRight: answer.ok, told: await answer.json() };
}

async function make(options) {
  const made = await navigator.credentials.create({
    publicKey: Object.assign({}, options, {
      challenge: toBytes(options.challenge),
      user: Object.assign({}, options.user, { id: toBytes(options.user.id) }),
      excludeCredentials: withBytes(options.excludeCredentials),
    }),
  });
  const { clientDataJSON, attestationObject } = made.response;
  return packed(made, { clientDataJSON, attestationObject });
}

async function show(options) {
  const shown = await navigator.credentials.get({
    publicKey: Object.assign({}, options, {
      challenge: toBytes(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    }),
  });
  const { clientDataJSON, authenticatorData, signature } = shown.response;
  return packed(shown, { clientDataJSON, authenticatorData, signature });
}

function packed(credential, parts) {
  const response = {};
  for (const name of Object.keys(parts)) response[name] = toText(parts[name]);
  return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
}

async function run(form) {
  const wrong = form.querySelector("[role=alert]");
  const button = form.querySelector("button");
  wrong.textContent = "";
  button.disabled = true;
  try {
    const asked = await send(form, form.dataset.begin, {});
    if (asked.told.next) return location.assign(asked.told.next);
    if (!asked.isRight) return (wrong.textContent = asked.told.words);
    const answer = await (form.dataset.passkey === "create" ? make : show)(asked.told);
    const { told } = await send(form, form.dataset.finish, answer);
    if (told.next) return location.assign(told.next);
    wrong.textContent = told.words;
  } catch (error) {
    wrong.textContent =
      error.name === "InvalidStateError" ? "这台设备已经登记过了。" : "没有完成。请再按一次，或用 6 位数字。";
  } finally {
    button.disabled = false;
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      run(form);
    });
  }
  for (const words of document.querySelectorAll("[data-without]")) words.hidden = true;
}
