"use strict";
// Everything works without this file. With it the whole conversation stays on the page until the window is closed.
(() => {
  const root = document.documentElement;
  const find = (selector, within = document) => within.querySelector(selector);
  const TOKEN = "schullotse";
  // sessionStorage is gone with the window; in a frame a browser may refuse it, then a reload begins anew.
  const storage = (() => { try { return window.sessionStorage; } catch { return null; } })();
  let busy = false;
  let escaped = -Infinity;
  root.classList.add("js");

  function leave(event) {
    event?.preventDefault();
    const address = find("#exit").href;
    storage?.clear();
    window.speechSynthesis?.cancel();
    document.title = "";
    document.body.replaceChildren();
    (window.top ?? window).location.replace(address);
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (event.timeStamp - escaped < 1500) leave();
      else escaped = event.timeStamp;
    } else if (event.key === "Enter" && event.target.id === "text" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      event.target.form.requestSubmit(find(".send"));
    }
  });

  document.addEventListener("click", (event) => {
    const target = event.target.closest("a, button");
    if (!target) return;
    if (target.id === "exit") leave(event);
    else if (target.matches(".print")) print_(target.closest(".card"));
    else if (target.matches(".share") && navigator.share) {
      event.preventDefault();
      const text = decodeURIComponent(target.href.split("&body=")[1]);
      navigator.share({ title: target.dataset.title, text, url: target.dataset.url }).catch(() => {});
    } else if (target.matches(".read")) read(target);
  });

  function print_(card) {
    root.classList.toggle("printing", Boolean(card));
    card?.classList.add("printed");
    addEventListener("afterprint", () => {
      root.classList.remove("printing");
      card?.classList.remove("printed");
    }, { once: true });
    print();
  }

  function read(button) {
    const [say, quiet] = [button.dataset.say ?? button.textContent, button.dataset.quiet];
    const speaking = button.textContent === quiet;
    speechSynthesis.cancel();
    if (speaking) return;
    const turn = button.closest(".turn");
    const copy = turn.cloneNode(true);
    for (const part of copy.querySelectorAll(".mine, .read, .tools")) part.remove();
    const spoken = new SpeechSynthesisUtterance(copy.textContent.replace(/\s+/g, " "));
    spoken.lang = turn.lang;
    spoken.onend = spoken.onerror = () => { button.textContent = say; };
    button.dataset.say = say;
    button.textContent = quiet;
    speechSynthesis.speak(spoken);
  }

  function readable(turn) {
    const button = find("#reader")?.content.firstElementChild;
    if (!button || !("speechSynthesis" in window)) return;
    [...turn.querySelectorAll(".reply")].at(-1)?.after(button.cloneNode(true));
  }

  // The answer is the same page that a browser without scripts shows: its turn is added, the rest is taken over.
  function take(page) {
    const turn = find(".turn", page) ?? find("main", page).appendChild(page.createElement("section"));
    if (!find("#log", page)) {
      turn.append(...find("main", page).childNodes);
      turn.className = "turn";
      turn.tabIndex = -1;
      turn.lang = page.documentElement.lang;
      turn.dir = page.documentElement.dir;
    } else {
      for (const choices of document.querySelectorAll("#log .choices")) choices.remove();
      find("#state").replaceWith(find("#state", page));
      storage?.setItem(TOKEN, find("#state [name=token]").value);
      if (page.documentElement.lang !== root.lang) speak(page);
      else if (find("nav.languages a")) find("nav.languages").replaceWith(find("nav.languages", page));
      find("h1[data-part]")?.classList.add("unseen");
    }
    for (const old of document.querySelectorAll("#antwort")) old.removeAttribute("id");
    find("#log").append(turn);
    readable(turn);
    return turn;
  }

  function speak(page) {
    root.lang = page.documentElement.lang;
    root.dir = page.documentElement.dir;
    find("#reader").replaceWith(find("#reader", page));
    find("#text").placeholder = find("#text", page).placeholder;
    for (const part of page.querySelectorAll("[data-part]")) find(`[data-part="${part.dataset.part}"]`)?.replaceWith(part);
  }

  async function send(fields, submitter) {
    if (busy) return;
    busy = true;
    const typed = !submitter?.name;
    const status = find("#status");
    const waiting = setTimeout(() => { status.textContent = status.dataset.waiting; }, 600);
    try {
      const response = await fetch(find("#door").action, { method: "POST", body: fields });
      const turn = take(new DOMParser().parseFromString(await response.text(), "text/html"));
      find("#status").textContent = "";
      if (response.ok && typed) find("#text").value = "";
      turn.scrollIntoView({ block: "start" });
      if (!typed || matchMedia("(pointer: coarse)").matches) turn.focus({ preventScroll: true });
      else find("#text").focus({ preventScroll: true });
    } catch {
      status.textContent = status.dataset.offline;
    } finally {
      clearTimeout(waiting);
      busy = false;
    }
  }

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "door") return;
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(event.target));
    if (event.submitter?.name) fields.append(event.submitter.name, event.submitter.value);
    send(fields, event.submitter);
  });

  const log = find("#log");
  if (!log) return;
  readable(find(".turn"));
  const known = storage?.getItem(TOKEN);
  if (known && log.dataset.first === "do/start") { // a reloaded window: the conversation goes on where it was
    const fields = new URLSearchParams(new FormData(find("#door")));
    fields.set("token", known);
    fields.set("anfang", "");
    fields.set("press", "do/continue");
    const first = find(".turn");
    send(fields, { name: "press" }).then(() => { if (find(".turn") !== find(".turn:last-child")) first.remove(); });
  } else if (log.dataset.first === undefined) {
    storage?.setItem(TOKEN, find("#state [name=token]").value);
  }
})();
