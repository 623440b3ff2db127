// All devices, with their first values; filtered as one types.

import {get, sentence} from './api.js';
import {h, replace, setText, state, title} from './dom.js';
import {follow} from './live.js';

const LIMIT = 100;
const TYPING_PAUSE = 150;

export function show(main, parts, query) {
  title('Devices');
  const node = query.get('node') ?? '';
  const head = h('h1', {tabindex: -1}, 'Devices');
  const count = h('p', {class: 'sub', role: 'status'});
  const search = h('input', {type: 'search', placeholder: 'Filter by name, gateway or model', 'aria-label': 'Filter devices', value: query.get('q') ?? ''});
  const chip = node && h('span', {class: 'chip'}, `on ${node}`,
    h('button', {type: 'button', 'aria-label': `Show devices of all gateways, not only of ${node}`, onclick: () => { location.hash = '#/devices'; }}, '×'));
  const body = h('div', {class: 'card fresh'});
  main.replaceChildren(h('div', {class: 'head'}, h('div', {}, head, count, chip), h('form', {role: 'search', onsubmit: e => e.preventDefault()}, search)), body);

  const load = loader(() => {
    const filter = new URLSearchParams({q: search.value, node, limit: LIMIT});
    return get(`devices?${filter}`);
  }, list => {
    setText(count, list.matched === list.total ? plural(list.total, 'device') : `${list.matched} of ${plural(list.total, 'device')}`);
    replace(body, [list.matched, list.items], () => table(list, search.value || node));
  }, problem => setText(count, sentence(problem)));
  let typing = 0;
  search.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      const filter = new URLSearchParams({...(node && {node}), ...(search.value && {q: search.value})});
      history.replaceState(null, '', `#/devices${filter.size ? `?${filter}` : ''}`);
      load();
    }, TYPING_PAUSE);
  });
  load();
  follow('lists=devices', {devices: load, back: load});
  return head;
}

/** Loads again while nothing is under way; once more at the end when it was asked meanwhile. */
export function loader(ask, take, fail) {
  let busy = false;
  let again = false;
  return async function load() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      take(await ask());
    } catch (e) {
      fail(e);
    } finally {
      busy = false;
    }
    if (again) {
      again = false;
      load();
    }
  };
}

export function plural(number, word) {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

function table(list, isFiltered) {
  if (list.items.length === 0) {
    return [h('p', {class: 'empty'}, isFiltered ? 'Nothing matches.' : 'There is no device yet. Devices are made with kubectl apply; a sample lies in the gateway’s folder device-mappers.')];
  }
  const rows = list.items.map(device => h('tr', {},
    h('td', {}, h('a', {class: 'name', href: `#/devices/${device.namespace}/${device.name}`}, device.name),
      h('span', {class: 'under'}, [device.namespace !== 'default' && device.namespace, device.model].filter(Boolean).join(' · '))),
    h('td', {'data-label': 'Gateway'}, device.node && h('a', {href: `#/nodes/${device.node}`}, device.node)),
    h('td', {'data-label': 'State'}, condition(device)),
    h('td', {'data-label': 'Values'}, h('div', {class: 'values'}, device.values.map(value =>
      h('span', {}, h('span', {}, value.name), h('b', {}, value.value), value.unit ? ` ${value.unit}` : ''))),
      device.pending > 0 && h('span', {class: 'tag'}, 'waiting for the device'))));
  const shown = h('table', {}, h('thead', {}, h('tr', {}, ...['Device', 'Gateway', 'State', 'Reported'].map(t => h('th', {scope: 'col'}, t)))), h('tbody', {}, rows));
  return [shown, list.matched > list.items.length && h('p', {class: 'more'}, `The first ${list.items.length} of ${list.matched} are shown; type to narrow them down.`)].filter(Boolean);
}

function condition(device) {
  if (!device.node) {
    return state('on no gateway');
  }
  if (device.nodeState !== 'Ready') {
    return state(device.nodeState ? 'gateway not ready' : 'no such gateway');
  }
  return device.state ? state(device.state) : null;
}
