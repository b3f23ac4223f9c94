// Asks the browser for a passkey, and sends what it brings with an ordinary form. Without a script there are other ways.

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const named = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));

// The options as the interface takes them.
const read = (form) => {
  const options = JSON.parse(form.dataset.options);
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  if (options.excludeCredentials) options.excludeCredentials = named(options.excludeCredentials);
  if (options.allowCredentials) options.allowCredentials = named(options.allowCredentials);
  return options;
};

// What the browser brought, as it is sent.
const written = ({ id, rawId, type, response }) => {
  const parts = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    parts.attestationObject = text(response.attestationObject);
    parts.transports = response.getTransports?.() ?? [];
  } else {
    parts.authenticatorData = text(response.authenticatorData);
    parts.signature = text(response.signature);
    parts.userHandle = response.userHandle ? text(response.userHandle) : null;
  }
  return JSON.stringify({ id, rawId: text(rawId), type, response: parts, clientExtensionResults: {} });
};

// Only one question to the browser is open at a time.
let open = null;

const send = (form, credential) => {
  form.elements.passkey.value = written(credential);
  // Of what somebody typed elsewhere on the page nothing goes along.
  form.submit();
};

const ask = async (form) => {
  const problem = form.querySelector("[data-problem]");
  const button = form.querySelector("button");
  open?.abort();
  open = new AbortController();
  problem.hidden = true;
  button.setAttribute("aria-busy", "true");
  try {
    const publicKey = read(form);
    const { signal } = open;
    const asked = publicKey.user ? navigator.credentials.create({ publicKey, signal }) : navigator.credentials.get({ publicKey, signal });
    send(form, await asked);
  } catch (error) {
    button.removeAttribute("aria-busy");
    if (error.name === "AbortError") return;
    const known = error.name === "InvalidStateError" && problem.dataset.known;
    problem.lastElementChild.textContent = known || problem.dataset.problem;
    problem.hidden = false;
  }
};

// What is chosen from the list under the login name needs no button.
const offer = async (form) => {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.()) || open) return;
  open = new AbortController();
  try {
    const credential = await navigator.credentials.get({ publicKey: read(form), mediation: "conditional", signal: open.signal });
    send(form, credential);
  } catch {
    // Somebody chose another way.
  }
};

for (const form of document.querySelectorAll("form[data-options]")) {
  if (!window.PublicKeyCredential) {
    for (const part of document.querySelectorAll("[data-no-passkeys]")) part.hidden = false;
    break;
  }
  for (const part of form.closest("[data-passkeys]").querySelectorAll("[data-needs-script]")) part.hidden = false;
  const login = document.querySelector("input[name=login]:not([type=hidden])");
  form.addEventListener("submit", (event) => {
    const name = form.elements.login;
    // Who has said who they are is asked for their own passkeys, which the next page knows.
    if (name && login && login.value.trim() !== "") {
      name.value = login.value;
      return;
    }
    event.preventDefault();
    ask(form);
  });
  if ("offer" in form.dataset) offer(form);
  if ("now" in form.dataset) ask(form);
  // What is asked for counts for a few minutes. A page that nobody has typed on is shown anew when somebody looks at it.
  const again = form.dataset.again;
  if (again) {
    setTimeout(() => {
      const anew = () => {
        const typed = [...document.querySelectorAll("input:not([type=hidden])")].some((field) => field.value !== field.defaultValue);
        if (document.visibilityState === "visible" && !typed) location.replace(again);
      };
      document.addEventListener("visibilitychange", anew);
      anew();
    }, Number(form.dataset.seconds) * 1000);
  }
}
