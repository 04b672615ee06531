// "Near me" on the start page: at once where the phone allows it already, else when it is tapped.
// Without a position the link leads to the page where one can be typed.
function locate(link, tapped) {
  navigator.geolocation?.getCurrentPosition(({ coords }) => {
    const here = new URLSearchParams({ latitude: coords.latitude.toFixed(5), longitude: coords.longitude.toFixed(5) });
    window.htmx.ajax("GET", `${link.dataset.near}?${here}`, { target: "#near", swap: "outerHTML" });
  }, () => { if (tapped) location.assign(link.href); }, { maximumAge: 120000, timeout: 15000 });
}

export function start(root) {
  for (const link of root.querySelectorAll("a[data-near]")) {
    link.addEventListener("click", (event) => {
      if (!navigator.geolocation || !window.isSecureContext) return;
      event.preventDefault();
      locate(link, true);
    });
    navigator.permissions?.query({ name: "geolocation" })
      .then((permission) => { if (permission.state === "granted") locate(link, false); })
      .catch(() => {});
  }
}
