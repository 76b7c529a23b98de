// <passkey-proof options="{…}" hidden> or options-at="/…/": its form sends the proof of a passkey.
// <passkey-make options="{…}" hidden>: its form sends a passkey that was just made.
// What the browser is asked is JSON whose bytes are base64url, and so is what is sent.
const WHY = {
  NotAllowedError: "Nothing happened: it was cancelled or took too long. Try again.",
  InvalidStateError: "This device has a passkey for your account already.",
  NetworkError: "No answer from Studio. Try again in a moment.",
};
const FAILED = "Your browser couldn't do that here. Try another browser or device.";

const bytes = (text) => {
  const whole = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(whole, (one) => one.charCodeAt(0));
};
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-")
  .replaceAll("/", "_")
  .replaceAll("=", "");
const withBytes = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

class Passkey extends HTMLElement {
  connectedCallback() {
    if (!window.PublicKeyCredential) return;
    this.hidden = false;
    this.form = this.querySelector("form");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.busy) this.#send();
    });
  }

  async #send() {
    this.busy = true;
    this.#say("");
    try {
      const { publicKey } = await this.#options();
      const made = await this.ask({ ...publicKey, challenge: bytes(publicKey.challenge) });
      this.form.elements.credential.value = JSON.stringify({
        id: made.id,
        rawId: text(made.rawId),
        type: made.type,
        clientExtensionResults: made.getClientExtensionResults(),
        response: this.response(made.response),
      });
      this.form.submit();
    } catch (error) {
      this.#say(WHY[error.name] ?? FAILED);
      this.busy = false;
    }
  }

  async #options() {
    const given = this.getAttribute("options");
    if (given) return JSON.parse(given);
    const answer = await fetch(this.getAttribute("options-at")).catch(() => null);
    if (!answer?.ok || answer.redirected) throw new DOMException("", "NetworkError");
    return answer.json();
  }

  #say(words) {
    const place = this.querySelector("[data-says]");
    place.textContent = words;
    place.hidden = !words;
  }
}

class PasskeyProof extends Passkey {
  ask(publicKey) {
    const allowCredentials = withBytes(publicKey.allowCredentials);
    return navigator.credentials.get({ publicKey: { ...publicKey, allowCredentials } });
  }

  response(said) {
    return {
      clientDataJSON: text(said.clientDataJSON),
      authenticatorData: text(said.authenticatorData),
      signature: text(said.signature),
      userHandle: said.userHandle ? text(said.userHandle) : null,
    };
  }
}

class PasskeyMake extends Passkey {
  ask(publicKey) {
    const user = { ...publicKey.user, id: bytes(publicKey.user.id) };
    const excludeCredentials = withBytes(publicKey.excludeCredentials);
    return navigator.credentials.create({ publicKey: { ...publicKey, user, excludeCredentials } });
  }

  response(said) {
    return {
      clientDataJSON: text(said.clientDataJSON),
      attestationObject: text(said.attestationObject),
      transports: said.getTransports?.() ?? [],
    };
  }
}

customElements.define("passkey-proof", PasskeyProof);
customElements.define("passkey-make", PasskeyMake);
