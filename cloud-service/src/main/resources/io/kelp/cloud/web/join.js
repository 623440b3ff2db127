// How a gateway is added: three commands, the last with a token that is shown only when asked for.

import {get, post, sentence} from './api.js';
import {announce, h, title} from './dom.js';
import {follow} from './live.js';

const HIDDEN = '••••••••';

export function show(main) {
  title('Add a gateway');
  const head = h('h1', {tabindex: -1}, 'Add a gateway');
  const body = h('div');
  main.replaceChildren(head, h('p', {class: 'sub'}, 'A Linux machine with Java 17 becomes a node of this cluster.'), body);
  get('join').then(join => body.replaceChildren(...steps(join)), problem => body.replaceChildren(h('p', {class: 'note'}, sentence(problem))));
  follow('', {});
  return head;
}

function steps(join) {
  let token = '';
  const host = h('select', {'aria-label': 'Address that the gateway reaches', onchange: tell}, join.hosts.map(name => h('option', {value: name}, name)));
  const text = h('pre');
  const problem = h('p', {class: 'note', role: 'alert', hidden: true});
  const show = h('button', {type: 'button', 'aria-pressed': 'false', onclick: toggle}, 'Show token');

  function command(shown) {
    const ports = [join.hubPort !== join.defaultHubPort && ` --hub-port ${join.hubPort}`, join.joinPort !== join.defaultJoinPort && ` --join-port ${join.joinPort}`];
    return `bin/kelp join --cloud ${host.value}${ports.filter(Boolean).join('')} --token ${shown}\nbin/kelp start`;
  }

  function tell() {
    text.textContent = command(token || HIDDEN);
  }

  async function fetchToken() {
    try {
      problem.hidden = true;
      return (await post('join/token', {})).token;
    } catch (e) {
      problem.textContent = sentence(e);
      problem.hidden = false;
      throw e;
    }
  }

  async function toggle() {
    token = token ? '' : await fetchToken().catch(() => '');
    show.textContent = token ? 'Hide token' : 'Show token';
    show.setAttribute('aria-pressed', String(token !== ''));
    tell();
  }

  tell();
  return [h('ol', {class: 'steps'},
    h('li', {}, h('b', {}, 'Copy Kelp to the machine.'), ' The zip is built by ', h('code', {}, 'mvn package'), ' and lies in ', h('code', {}, 'distribution/target'), '.',
      code(() => 'scp kelp-gateway-*.zip GATEWAY:')),
    h('li', {}, h('b', {}, 'Unpack it there.'), code(() => 'unzip kelp-gateway-*.zip && cd kelp-gateway-*/')),
    h('li', {}, h('b', {}, 'Join and start.'), ' The name of the node is the machine’s host name, unless you add ', h('code', {}, '--node NAME'), '.',
      join.hosts.every(isLoopback) && h('p', {class: 'note'}, 'Only this machine reaches ', join.hosts[0], '. For others start the cloud service with ',
        h('code', {}, '--advertise'), ' and the name or address that they reach.'),
      join.hosts.length > 1 && h('p', {}, h('label', {}, 'The gateway reaches this cloud service at ', host)), problem,
      h('div', {class: 'code'}, text, h('div', {class: 'buttons'}, show, copyButton(async () => command(token || await fetchToken()))))),
    h('li', {}, h('b', {}, 'Look.'), ' It appears under ', h('a', {href: '#/nodes'}, 'Gateways'), ' and is ready within seconds.')),
  h('p', {class: 'sub'}, 'The token lets any machine join. It is renewed every 12 hours and valid for 24; ', h('code', {}, 'kelp-cloud token'), ' prints it, too.')];
}

function isLoopback(host) {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function code(text) {
  return h('div', {class: 'code'}, h('pre', {}, text()), h('div', {class: 'buttons'}, copyButton(text)));
}

function copyButton(text) {
  const button = h('button', {type: 'button', onclick: async () => {
    try {
      await navigator.clipboard.writeText(await text());
      button.textContent = 'Copied';
      announce('Copied.');
    } catch {
      button.textContent = 'Not copied';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  }}, 'Copy');
  return button;
}
