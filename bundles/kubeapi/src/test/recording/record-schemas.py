#!/usr/bin/env python3
"""Records what a real kube-apiserver makes of random schemas and objects.

    sh itests/control-plane.sh up DIR
    python3 bundles/kubeapi/src/test/recording/record-schemas.py DIR/kubeconfig bundles/kubeapi/src/test/resources/schemas

Writes objects.json.gz (schema, object, and either the object that was stored or the errors) and definitions.json.gz
(schema, and the errors or none). SchemaRecordingTest replays both. The kubeconfig must hold a token.
"""
import copy, gzip, json, random, re, ssl, sys, time, urllib.error, urllib.request

config, out = open(sys.argv[1]).read(), sys.argv[2]
server = re.search(r'server: (\S+)', config).group(1)
token = re.search(r'token: (\S+)', config).group(1)
tls = ssl._create_unverified_context()
rnd = random.Random(42)


def call(method, path, body=None):
    request = urllib.request.Request(server + path, data=None if body is None else json.dumps(body).encode(), method=method,
                                     headers={'Authorization': 'Bearer ' + token, 'Content-Type': 'application/json'})
    try:
        with urllib.request.urlopen(request, context=tls) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as e:
        return e.code, json.load(e)


NAMES = ['a', 'b', 'c', 'size', 'color']
FORMATS = ['date-time', 'date', 'duration', 'byte', 'ipv4', 'ipv6', 'cidr', 'uuid', 'uri', 'email', 'hostname', 'mac', 'int32', 'foo']
PATTERNS = ['^[a-z]+$', 'a|b', '^(foo|bar)?$', r'\d{2,3}', '[^x]', '^a.*z$', '(?i)ABC', r'^\w+@\w+$', r'\bfoo\b', '^$', '[[:alpha:]]+', r'\p{Lu}']
TEXTS = ['', 'a', 'b', 'foo', 'bar', 'xyz', 'abc', 'a\u00e9', '10.0.0.1', '::1', '2024-02-30', '2024-02-29T10:00:00Z', '5m', 'YQ==', 'YQ', 'x@y.z',
         '12', '1234', 'FOO', 'a\nz', '<&>', 'http://x/y', '00:11:22:33:44:55', '123e4567-e89b-12d3-a456-426614174000', '10.0.0.0/8', 'red', '\u00c9', 'x' * 30]


def scalar(kind):
    return {'string': lambda: rnd.choice(TEXTS), 'integer': lambda: rnd.choice([0, 1, 2, 3, 5, 10, -1, 7, 100, 2**40]),
            'number': lambda: rnd.choice([0, 1, 1.5, 2.25, -3, 0.1, 1e21, 10]), 'boolean': lambda: rnd.random() < .5}[kind]()


def conditions(kind):
    s = {}
    if kind == 'string':
        if rnd.random() < .25: s['minLength'] = rnd.randint(0, 3)
        if rnd.random() < .25: s['maxLength'] = rnd.randint(1, 5)
        if rnd.random() < .25: s['pattern'] = rnd.choice(PATTERNS)
    if kind in ('integer', 'number'):
        if rnd.random() < .3: s['minimum'] = rnd.choice([0, 1, 2, 1.5, 1000000]); s['exclusiveMinimum'] = rnd.random() < .3
        if rnd.random() < .3: s['maximum'] = rnd.choice([5, 10, 2.5, 123456789]); s['exclusiveMaximum'] = rnd.random() < .3
        if rnd.random() < .2: s['multipleOf'] = rnd.choice([2, 3, 0.5, 0.1])
    if kind == 'array':
        if rnd.random() < .3: s['minItems'] = rnd.randint(0, 2)
        if rnd.random() < .3: s['maxItems'] = rnd.randint(0, 3)
    if kind == 'object':
        if rnd.random() < .2: s['minProperties'] = rnd.randint(0, 2)
        if rnd.random() < .2: s['maxProperties'] = rnd.randint(0, 3)
        if rnd.random() < .2: s['required'] = rnd.sample(NAMES, rnd.randint(1, 2))
    return s


def schema(depth=0, item=False):
    if rnd.random() < .06:
        return {'x-kubernetes-int-or-string': True, **({'pattern': rnd.choice(PATTERNS)} if rnd.random() < .3 else {})}
    kind = rnd.choice(['string', 'integer', 'number', 'boolean'] + (['object'] * 3 + ['array'] * 2 if depth < 3 else []))
    s = {'type': kind, **conditions(kind)}
    if kind == 'object':
        r = rnd.random()
        if r < .6:
            s['properties'] = {n: schema(depth + 1) for n in rnd.sample(NAMES, rnd.randint(1, 4))}
        elif r < .8:
            s['additionalProperties'] = schema(depth + 1)
        elif r < .85:
            s['additionalProperties'] = rnd.random() < .5
        if rnd.random() < .15 and 'additionalProperties' not in s: s['x-kubernetes-preserve-unknown-fields'] = True
        if rnd.random() < .08 and 'additionalProperties' not in s: s.update({'x-kubernetes-embedded-resource': True, 'x-kubernetes-preserve-unknown-fields': True})
    elif kind == 'array':
        s['items'] = schema(depth + 1, True)
        if s['items'].get('type') in ('string', 'integer', 'boolean', 'number') and rnd.random() < .4 and not s['items'].get('nullable'):
            s['x-kubernetes-list-type'] = 'set'
        elif s['items'].get('type') == 'object' and 'additionalProperties' not in s['items'] and rnd.random() < .4:
            key = rnd.choice(NAMES)
            s['items'].setdefault('properties', {})[key] = {'type': rnd.choice(['string', 'integer'])}
            s['items']['required'] = [key]
            s['items'].pop('nullable', None)
            s.update({'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key]})
    else:
        if rnd.random() < .15: s['enum'] = [scalar(kind) for _ in range(rnd.randint(1, 3))]
        if kind == 'string' and rnd.random() < .2: s['format'] = rnd.choice(FORMATS)
        if kind == 'integer' and rnd.random() < .2: s['format'] = rnd.choice(['int32', 'int64'])
        if rnd.random() < .15: s['default'] = scalar(kind)
    if rnd.random() < .12 and not item: s['nullable'] = True
    if rnd.random() < .12:
        word = rnd.choice(['allOf', 'anyOf', 'oneOf'])
        s[word] = [conditions(kind) for _ in range(rnd.randint(1, 3))]
    if rnd.random() < .05: s['not'] = conditions(kind)
    return s


def value(s, depth=0):
    r = rnd.random()
    if r < .06: return None
    if r < .13: return rnd.choice(['foo', 1, 1.5, True, {}, [], {'a': 1}, ['x'], {'z': {'y': 1}}])
    if s.get('x-kubernetes-int-or-string'): return rnd.choice([1, 'foo', 'abc', 1.5])
    if 'enum' in s and rnd.random() < .5: return rnd.choice(s['enum'])
    kind = s.get('type')
    if kind == 'object':
        o = {}
        for n, p in s.get('properties', {}).items():
            if rnd.random() < .7: o[n] = value(p, depth + 1)
        extra = s.get('additionalProperties')
        if isinstance(extra, dict):
            for n in rnd.sample(['k1', 'k2', 'x.y'], rnd.randint(0, 3)): o[n] = value(extra, depth + 1)
        elif rnd.random() < .3:
            o[rnd.choice(['zz', 'yy'])] = rnd.choice([1, 'q', {'d': 1}, [{'e': {}}], None])
        if s.get('x-kubernetes-embedded-resource'):
            if rnd.random() < .8: o['apiVersion'] = 'v1'
            if rnd.random() < .8: o['kind'] = 'Foo'
            if rnd.random() < .4: o['metadata'] = {'name': 'x', **({'nope': 1} if rnd.random() < .5 else {})}
        return o
    if kind == 'array':
        items = [value(s['items'], depth + 1) for _ in range(rnd.randint(0, 4))]
        return items + items[:1] if rnd.random() < .3 else items
    return scalar(kind) if kind else 1


def definition(name, root):
    return {'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition', 'metadata': {'name': name.lower() + 's.rec.kelp.test'},
            'spec': {'group': 'rec.kelp.test', 'scope': 'Cluster', 'names': {'plural': name.lower() + 's', 'kind': name},
                     'versions': [{'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': root}}]}}


CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'


def causes(answer):
    return [[c['reason'], c['field'], c['message']] for c in answer.get('details', {}).get('causes', [])] or [['', '', answer['message']]]


def objects(count, each):
    cases, kinds = [], []
    while len(kinds) < count:
        root = {'type': 'object', 'properties': {'spec': schema(), 'data': schema()}}
        name = 'Rec' + chr(97 + len(kinds) // 26) + chr(97 + len(kinds) % 26)
        status, answer = call('POST', CRDS, definition(name, root))
        if status == 201: kinds.append((name, root))
    time.sleep(5)
    for name, root in kinds:
        path = '/apis/rec.kelp.test/v1/' + name.lower() + 's?dryRun=All&fieldValidation='
        for _ in range(each):
            o = {'apiVersion': 'rec.kelp.test/v1', 'kind': name, 'metadata': {'name': 'x'}}
            for part in ('spec', 'data'):
                if rnd.random() < .9: o[part] = value(root['properties'][part])
            if rnd.random() < .1: o['more'] = {'x': 1}
            case = {'schema': root, 'object': {k: v for k, v in o.items() if k not in ('metadata',)}}
            status, answer = call('POST', path + 'Ignore', o)
            if status == 201:
                case['result'] = {k: v for k, v in answer.items() if k != 'metadata'}
            elif status == 422:
                case['errors'] = causes(answer)
            else:
                continue
            status, answer = call('POST', path + 'Strict', o)
            if status == 400: case['unknown'] = answer['message'].split('strict decoding error: ')[1]
            cases.append(case)
    for name, _ in kinds:
        call('DELETE', CRDS + '/' + name.lower() + 's.rec.kelp.test')
    return cases


WRONG = [lambda s: s.pop('type', None), lambda s: s.update(type='foo'), lambda s: s.update(type=rnd.choice(['object', 'array', 'string'])), lambda s: s.update(nullable=True),
         lambda s: s.update(default=rnd.choice([1, 'x', {}, {'zz': 1}, ['a']])), lambda s: s.pop('items', None), lambda s: s.update(uniqueItems=True),
         lambda s: s.update({'$ref': '#/x'}), lambda s: s.update(pattern=rnd.choice(['(', 'a**', '[z-a]', '(?=x)', 'a{3,2}', '\\', '\\8', '[[:foo:]]', '(?P<n', 'x{1001}'])),
         lambda s: s.update({'x-kubernetes-list-type': rnd.choice(['foo', 'set', 'map', 'atomic'])}), lambda s: s.update({'x-kubernetes-map-type': rnd.choice(['foo', 'atomic'])}),
         lambda s: s.update({'x-kubernetes-list-map-keys': ['a']}), lambda s: s.update({'x-kubernetes-embedded-resource': True}),
         lambda s: s.update({'x-kubernetes-preserve-unknown-fields': rnd.random() < .5}), lambda s: s.update({'x-kubernetes-int-or-string': True}),
         lambda s: s.update(anyOf=[{rnd.choice(['type', 'title', 'description']): 'string', 'nullable': rnd.random() < .5}]), lambda s: s.update(allOf=[{'default': 1, 'properties': {'a': {'type': 'string'}}}]),
         lambda s: s.update({'not': {'x-kubernetes-preserve-unknown-fields': True, 'items': {'additionalProperties': {'minimum': 1}}}}),
         lambda s: s.update(additionalProperties=rnd.choice([True, False, {'type': 'string'}, {}])), lambda s: s.update(properties={'x': {}, 'metadata': {'type': 'object', 'default': {}}}),
         lambda s: s.update(definitions={'a': {}}), lambda s: s.update(id='x')]


def below(s):
    found = [s]
    for p in s.get('properties', {}).values(): found += below(p)
    for k in ('items', 'additionalProperties'):
        if isinstance(s.get(k), dict): found += below(s[k])
    return found


def definitions(count):
    cases = []
    while len(cases) < count:
        root = {'type': 'object', 'properties': {'spec': schema(), 'metadata': {'type': 'object'}}}
        for _ in range(rnd.randint(1, 3)):
            rnd.choice(WRONG)(rnd.choice(below(root)))
        root = copy.deepcopy(root)
        status, answer = call('POST', CRDS + '?dryRun=All', definition('Recz', root))
        if status in (201, 422):
            cases.append({'schema': root, 'errors': [] if status == 201 else causes(answer)})
    return cases


def write(name, cases):
    with open(out + '/' + name, 'wb') as raw, gzip.GzipFile(fileobj=raw, mode='wb', mtime=0, filename='') as file:
        file.write('\n'.join(json.dumps(c, separators=(',', ':')) for c in cases).encode())
    print(name, len(cases), 'cases')


write('objects.json.gz', objects(100, 15))
write('definitions.json.gz', definitions(800))
