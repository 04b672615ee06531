// Passkeys without inline scripts: opens the browser's dialogue for the form that carries the server's options.
// handleRegister and handleSignin come from Flask-Security's webauthn.js.

for (const form of document.querySelectorAll("[data-passkey]")) {
  const ask = form.dataset.passkey === "register" ? window.handleRegister : window.handleSignin;
  const result = await ask(form.dataset.options);
  if (result.credential) {
    form.elements.credential.value = result.credential;
    form.submit();
  } else {
    form.querySelector("[role=alert]").hidden = false;
  }
}
