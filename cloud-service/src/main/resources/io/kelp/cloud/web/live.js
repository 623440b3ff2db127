// The stream of events, and the truth about it: connected, or lost since when.

import {announce, duration, serverNow, setServerTime, setText} from './dom.js';

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10000;
const HIDDEN_PATIENCE = 30000;

const pill = document.getElementById('live');
const banner = document.getElementById('lost');
const bannerText = document.getElementById('lost-text');

let source = null;
let path = '';
let handlers = {};
let pause = FIRST_PAUSE;
let retryTimer = 0;
let retryAt = 0;
let silence = 15000;
let lastEvent = 0;
let lostSince = 0;
let version = null;
let hideTimer = 0;
let asleep = false;

/** Follows what the shown page looks at; replaces what was followed before. handlers: {device, nodes, devices, back}. */
export function follow(newPath, newHandlers) {
  path = newPath;
  handlers = newHandlers;
  connect();
}

function connect() {
  clearTimeout(retryTimer);
  retryAt = 0;
  source?.close();
  const mine = new EventSource(`/api/ui/events?${path}`);
  source = mine;
  lastEvent = Date.now();
  mine.addEventListener('hello', event => {
    const hello = JSON.parse(event.data);
    if (version !== null && version !== hello.version) {
      location.reload(); // the cloud service was updated, and the page with it
      return;
    }
    version = hello.version;
    setServerTime(hello.now);
    silence = 2.5 * hello.beatMillis;
    found();
  });
  for (const name of ['device', 'nodes', 'devices', 'beat']) {
    mine.addEventListener(name, event => {
      lastEvent = Date.now();
      handlers[name]?.(JSON.parse(event.data));
    });
  }
  mine.onerror = () => {
    if (mine === source) {
      lost();
    }
  };
}

function found() {
  lastEvent = Date.now();
  pause = FIRST_PAUSE;
  pill.className = 'live ok';
  setText(pill, 'live');
  if (lostSince) {
    lostSince = 0;
    banner.hidden = true;
    document.body.classList.remove('lost');
    announce('Connected again.');
    handlers.back?.();
  }
  document.dispatchEvent(new Event('kelp-connection'));
}

function lost() {
  source?.close();
  source = null;
  if (!lostSince) {
    lostSince = Date.now();
    announce('Connection to the cloud service lost.');
    document.body.classList.add('lost');
  }
  pill.className = 'live lost';
  setText(pill, 'connection lost');
  banner.hidden = false;
  retryAt = Date.now() + pause * (0.75 + Math.random() / 2);
  pause = Math.min(LONGEST_PAUSE, pause * 1.7);
  clearTimeout(retryTimer);
  retryTimer = setTimeout(connect, retryAt - Date.now());
  tell();
  document.dispatchEvent(new Event('kelp-connection'));
}

export function isLost() {
  return lostSince > 0;
}

function tell() {
  if (lostSince) {
    const next = retryAt ? ` Trying again in ${Math.max(1, Math.ceil((retryAt - Date.now()) / 1000))} s.` : ' Trying …';
    setText(bannerText, `Connection to the cloud service lost ${duration(Date.now() - lostSince)} ago, at ${
      new Date(lostSince).toLocaleTimeString()}: values may be old.${next}`);
  }
}

setInterval(() => {
  tell();
  if (source && Date.now() - lastEvent > silence) {
    lost(); // the connection looks open, but nothing comes
  }
}, 1000);

document.getElementById('retry').addEventListener('click', connect);
window.addEventListener('online', () => lostSince && connect());

// A browser has six connections for us in all; pages that nobody sees give theirs back.
document.addEventListener('visibilitychange', () => {
  clearTimeout(hideTimer);
  if (document.hidden) {
    hideTimer = setTimeout(() => {
      clearTimeout(retryTimer);
      source?.close();
      source = null;
      asleep = true;
    }, HIDDEN_PATIENCE);
  } else if (asleep) {
    asleep = false;
    connect();
    handlers.back?.();
  }
});
