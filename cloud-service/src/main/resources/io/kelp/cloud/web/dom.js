// Elements are made here and nowhere else. Text from devices enters a document only as text, never as markup.

/** h('a', {href: '#/', class: 'x', onclick: f}, 'text', child): null and false children are left out. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (value === true) {
      element.setAttribute(name, '');
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

/** Sets text only when it is another one: assistive technology and selections stay undisturbed. */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/**
 * Exchanges what an element holds when there is something new to show; who has the keyboard on a link in it keeps it there.
 * shown tells what is to be seen, make() makes it.
 */
export function replace(element, shown, make) {
  const signature = JSON.stringify(shown);
  if (element.shown === signature) {
    return;
  }
  element.shown = signature;
  const held = element.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  element.replaceChildren(...make());
  if (held) {
    element.querySelector(`[href="${CSS.escape(held)}"]`)?.focus({preventScroll: true});
  }
}

/** How far the browser's clock is behind the server's, in milliseconds. */
let clockOffset = 0;

export function setServerTime(now) {
  clockOffset = now - Date.now();
}

export function serverNow() {
  return Date.now() + clockOffset;
}

/** 90 s as "1 min": one unit is enough to judge by. */
export function duration(millis) {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  for (const [unit, size] of [['d', 86400], ['h', 3600], ['min', 60]]) {
    if (seconds >= 2 * size || (seconds >= size && unit === 'min')) {
      return `${Math.floor(seconds / size)} ${unit}`;
    }
  }
  return seconds >= 60 ? `${Math.floor(seconds / 60)} min` : `${seconds} s`;
}

/** A time that tells how long ago it was and keeps counting; form(duration) makes the text. */
export function ago(time, form = text => text === '0 s' ? 'just now' : `${text} ago`) {
  const millis = typeof time === 'number' ? time : Date.parse(time);
  if (!millis) {
    return h('span');
  }
  const element = h('time', {datetime: new Date(millis).toISOString(), title: new Date(millis).toLocaleString()});
  element.tell = () => setText(element, form(duration(serverNow() - millis)));
  element.tell();
  return element;
}

setInterval(() => document.querySelectorAll('time').forEach(element => element.tell?.()), 1000);

const GOOD = ['ready', 'online', 'ok', 'healthy'];
const BAD = ['notready', 'offline', 'unhealthy', 'error'];

/** A word of state with its colour. */
export function state(word, title) {
  const lower = word.toLowerCase();
  const kind = GOOD.includes(lower) ? 'good' : BAD.includes(lower) ? 'bad' : 'unsure';
  return h('span', {class: `state ${kind}`, title: title || null}, word === 'NotReady' ? 'Not ready' : word);
}

export function title(text) {
  document.title = text ? `${text} · Kelp` : 'Kelp';
}

/** For people who hear the page. */
export function announce(text) {
  document.getElementById('announce').textContent = text;
}
