// Asks the desk, not Kustomer, whether the conversation on this page has changed.
const live = document.getElementById("live");

async function look() {
  try {
    const answer = await fetch(live.dataset.url);
    const { changed, by } = await answer.json();
    if (changed) {
      live.querySelector("span").textContent = by ?? "Somebody";
      live.hidden = false;
      return;
    }
  } catch {
    // The desk is restarting, or the network is away: ask again later.
  }
  setTimeout(look, 2000);
}

setTimeout(look, 2000);
