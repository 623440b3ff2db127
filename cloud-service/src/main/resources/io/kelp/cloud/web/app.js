// Which page is shown: the part of the address behind #, so that every page can be bookmarked.

import * as device from './device.js';
import * as devices from './devices.js';
import {h, title} from './dom.js';
import * as join from './join.js';
import {follow, isLost} from './live.js';
import * as nodes from './nodes.js';

const main = document.getElementById('main');

const ROUTES = [
  [/^\/devices\/([^/]+)\/([^/]+)$/, 'devices', device.show],
  [/^\/devices$/, 'devices', devices.show],
  [/^\/nodes\/([^/]+)$/, 'nodes', nodes.showOne],
  [/^\/nodes$/, 'nodes', nodes.showAll],
  [/^\/add$/, 'add', join.show],
];

function route(focus) {
  const [path, query] = (location.hash.slice(1) || '/devices').split('?');
  const found = ROUTES.find(([pattern]) => pattern.test(path));
  document.querySelectorAll('[data-nav]').forEach(link => {
    link.toggleAttribute('aria-current', link.dataset.nav === found?.[1]);
    if (link.dataset.nav === found?.[1]) {
      link.setAttribute('aria-current', 'page');
    }
  });
  const head = found ? found[2](main, path.match(found[0]).slice(1).map(decodeURIComponent), new URLSearchParams(query)) : unknown();
  if (focus) {
    window.scrollTo(0, 0);
    head.focus({preventScroll: true});
  }
  lock();
}

function unknown() {
  title('');
  const head = h('h1', {tabindex: -1}, 'There is no such page');
  main.replaceChildren(head, h('p', {}, h('a', {href: '#/devices'}, 'All devices')));
  follow('', {});
  return head;
}

/** Nothing can be set while the connection is lost: the click would do nothing, or something long forgotten. */
function lock() {
  main.querySelectorAll('.control').forEach(control => { control.inert = isLost(); });
}

document.addEventListener('kelp-connection', lock);
window.addEventListener('hashchange', () => route(true));
document.querySelector('.skip').addEventListener('click', event => {
  event.preventDefault(); // the part behind # is the page's address
  main.focus();
});
route(false);
