// Gateways, and one gateway.

import {get, sentence} from './api.js';
import {loader, plural} from './devices.js';
import {ago, h, replace, setText, state, title} from './dom.js';
import {follow} from './live.js';

const POD_MILLIS = 3000;

export function showAll(main, parts, query) {
  title('Gateways');
  const head = h('h1', {tabindex: -1}, 'Gateways');
  const count = h('p', {class: 'sub', role: 'status'});
  const search = h('input', {type: 'search', placeholder: 'Filter by name, state or version', 'aria-label': 'Filter gateways', value: query.get('q') ?? ''});
  const body = h('div', {class: 'card fresh'});
  main.replaceChildren(h('div', {class: 'head'}, h('div', {}, head, count), h('form', {role: 'search', onsubmit: e => e.preventDefault()}, search)), body);
  const load = loader(() => get(`nodes?${new URLSearchParams({q: search.value})}`), list => {
    setText(count, `${list.ready} of ${plural(list.total, 'gateway')} ready`);
    replace(body, [list.matched, list.items], () => table(list, search.value));
  }, problem => setText(count, sentence(problem)));
  search.addEventListener('input', load);
  load();
  follow('lists=nodes', {nodes: load, back: load});
  return head;
}

function table(list, isFiltered) {
  if (list.items.length === 0) {
    return [h('p', {class: 'empty'}, isFiltered ? 'Nothing matches.' : 'There is no gateway yet. ', !isFiltered && h('a', {href: '#/add'}, 'Add one'))];
  }
  const rows = list.items.map(node => h('tr', {},
    h('td', {}, h('a', {class: 'name', href: `#/nodes/${node.name}`}, node.name), h('span', {class: 'under'}, node.address)),
    h('td', {'data-label': 'State'}, h('div', {}, state(node.state, node.message), h('span', {class: 'under'}, ago(node.since, t => `for ${t}`), reason(node)))),
    h('td', {'data-label': 'Devices'}, h('a', {href: `#/devices?node=${node.name}`}, String(node.devices))),
    h('td', {'data-label': 'Version'}, node.version),
    h('td', {'data-label': 'Age'}, ago(node.created, t => t))));
  const shown = h('table', {}, h('thead', {}, h('tr', {}, ...['Gateway', 'State', 'Devices', 'Version', 'Age'].map(t => h('th', {scope: 'col'}, t)))), h('tbody', {}, rows));
  return [shown, list.matched > list.items.length && h('p', {class: 'more'}, `The first ${list.items.length} of ${list.matched} are shown; type to narrow them down.`)].filter(Boolean);
}

function reason(node) {
  return node.state !== 'Ready' && node.reason ? `, ${node.reason}` : '';
}

export function showOne(main, [name]) {
  title(name);
  const head = h('h1', {tabindex: -1}, name);
  const facts = h('div', {class: 'fresh'});
  const pods = h('div', {class: 'fresh'});
  const events = h('div');
  main.replaceChildren(head, facts, pods, events);
  const load = loader(() => get(`nodes/${encodeURIComponent(name)}`), ({now, ...node}) => replace(facts, node, () => describe(node)),
    problem => replace(facts, problem.message, () => [h('p', {class: 'note'}, problem.status === 404 ? `There is no gateway ${name}.` : sentence(problem))]));
  const loadEvents = loader(() => get(`nodes/${encodeURIComponent(name)}/events`), list => replace(events, list, () => describeEvents(list.items)),
    problem => replace(events, problem.message, () => [h('h2', {}, 'Events'), h('p', {class: 'sub'}, sentence(problem))]));
  const loadPods = loader(() => get(`nodes/${encodeURIComponent(name)}/pods`), list => replace(pods, [list.total, list.items], () => describePods(list)),
    problem => replace(pods, problem.message, () => [h('h2', {}, 'Pods'), h('p', {class: 'sub'}, sentence(problem))]));
  const all = () => {
    load();
    loadPods();
    loadEvents();
  };
  all();
  const timer = setInterval(() => pods.isConnected ? document.hidden || loadPods() : clearInterval(timer), POD_MILLIS);
  follow('lists=nodes', {nodes: all, back: all});
  return head;
}

function describe(node) {
  const facts = [
    ['Link', link(node)],
    ['Version', node.version], ['System', node.system], ['Address', node.address], ['Age', ago(node.created, t => t)],
  ].filter(([, value]) => value);
  const why = [node.reason, node.message].filter(Boolean).join(': ');
  return [
    h('p', {class: 'sub'}, state(node.state), ago(node.since, t => ` for ${t}`), ' · ', h('a', {href: `#/devices?node=${node.name}`}, plural(node.devices, 'device'))),
    node.state !== 'Ready' && h('p', {class: 'note'}, why || 'It has not reported yet.'),
    h('dl', {class: 'facts card'}, facts.flatMap(([term, value]) => [h('dt', {}, term), h('dd', {}, value)])),
  ].filter(Boolean);
}

function link(node) {
  if (node.connected) {
    return 'connected to this cloud service';
  }
  return node.link === 'True' && node.state === 'Ready' ? 'connected to another replica of the cloud service' :
    node.link === 'False' ? node.linkMessage : 'not connected to this cloud service';
}

function describePods(list) {
  if (list.items.length === 0) {
    return [];
  }
  const rows = list.items.map(pod => h('tr', {},
    h('td', {}, h('span', {class: 'name'}, pod.name), h('span', {class: 'under'}, pod.namespace)),
    h('td', {'data-label': 'State'}, h('div', {}, pod.status, pod.message && h('span', {class: 'under'}, pod.message))),
    h('td', {'data-label': 'Ready'}, `${pod.ready} of ${pod.containers}`),
    h('td', {'data-label': 'Restarts'}, String(pod.restarts)),
    h('td', {'data-label': 'Image'}, pod.images.join(', ')),
    h('td', {'data-label': 'Age'}, ago(pod.created, t => t))));
  return [h('h2', {}, 'Pods'), h('div', {class: 'card'}, h('table', {}, h('thead', {}, h('tr', {}, ...['Pod', 'State', 'Ready', 'Restarts', 'Image', 'Age']
    .map(t => h('th', {scope: 'col'}, t)))), h('tbody', {}, rows))),
    list.total > list.items.length && h('p', {class: 'more'}, `The first ${list.items.length} of ${list.total} are shown.`)].filter(Boolean);
}

function describeEvents(items) {
  const rows = items.map(event => h('li', {}, event.type === 'Warning' && h('span', {class: 'tag'}, 'warning'), ' ', h('b', {}, event.reason), ' ',
    event.message, ' ', h('small', {}, ago(event.at), Number(event.count) > 1 ? `, ${event.count} times` : '')));
  return rows.length === 0 ? [] : [h('h2', {}, 'Events'), h('ul', {class: 'events card'}, rows)];
}
