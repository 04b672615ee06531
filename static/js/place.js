// The button "Use this phone's position" on the form of a premises: fills latitude and longitude, nothing else.
const button = document.querySelector("[data-place]");

if (button && navigator.geolocation) {
  const words = button.dataset;
  const state = document.getElementById(words.place);
  button.addEventListener("click", () => {
    button.setAttribute("aria-disabled", "true");
    state.textContent = words.asking;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      document.getElementById("latitude").value = coords.latitude.toFixed(6);
      document.getElementById("longitude").value = coords.longitude.toFixed(6);
      state.textContent = words.found.replace("{n}", Math.round(coords.accuracy));
      button.removeAttribute("aria-disabled");
    }, () => {
      state.textContent = words.failed;
      button.removeAttribute("aria-disabled");
    }, { enableHighAccuracy: true, maximumAge: 10000, timeout: 20000 });
  });
} else if (button) {
  button.hidden = true;
}
