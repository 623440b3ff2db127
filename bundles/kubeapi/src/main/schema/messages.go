package main

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"

	autoscaling "k8s.io/api/autoscaling/v1"
	core "k8s.io/api/core/v1"
	events "k8s.io/api/events/v1"
	policy "k8s.io/api/policy/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What clients may send beside the kinds of the schemas, by its API group.
var sent = map[string]any{
	"apiextensions.k8s.io/v1 CustomResourceDefinition": apiextensions.CustomResourceDefinition{},
	"autoscaling/v1 Scale":                             autoscaling.Scale{},
	"events.k8s.io/v1 Event":                           events.Event{},
	"policy/v1 Eviction":                               policy.Eviction{},
	"v1 Binding":                                       core.Binding{},
	"* DeleteOptions":                                  meta.DeleteOptions{},
}

var groups = map[string]string{
	"core.v1":           "v1",
	"coordination.v1":   "coordination.k8s.io/v1",
	"rbac.v1":           "rbac.authorization.k8s.io/v1",
	"node.v1":           "node.k8s.io/v1",
	"authentication.v1": "authentication.k8s.io/v1",
	"authorization.v1":  "authorization.k8s.io/v1",
}

// Messages whose JSON form is not an object of their fields.
var special = map[string]string{
	"meta.v1.Time": "time", "meta.v1.MicroTime": "microtime", "meta.v1.FieldsV1": "raw", "runtime.RawExtension": "raw",
	"apiextensions.v1.JSON": "raw", "resource.Quantity": "quantity", "intstr.IntOrString": "intorstring",
}

var messages = map[string][]string{}

var marshaler = reflect.TypeOf((*interface{ Marshal() ([]byte, error) })(nil)).Elem()

func messageName(t reflect.Type) string {
	return strings.TrimPrefix(strings.ReplaceAll(short(t), "k8s.io.apiextensions-apiserver.pkg.apis.", ""), "pkg.apis.")
}

func wireType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return wireType(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		if t.Name() != "" && reflect.PointerTo(t).Implements(marshaler) {
			return "items:" + wireType(t.Elem())
		}
		return "[]" + wireType(t.Elem())
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			panic("a map with keys of another type than string: " + t.String())
		}
		return "map:" + wireType(t.Elem())
	case reflect.Struct:
		name := messageName(t)
		if s, ok := special[name]; ok {
			return s
		}
		message(name, t)
		return name
	case reflect.String, reflect.Bool, reflect.Int32, reflect.Int64, reflect.Float64:
		return t.Kind().String()
	default:
		panic("no wire type known for " + t.String())
	}
}

// The numbers come from Go's tags, the wire types from Go's types: some tags tell a wrong one.
func message(name string, t reflect.Type) {
	if _, done := messages[name]; done {
		return
	}
	messages[name] = nil
	lines := []string{}
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := strings.Split(f.Tag.Get("json"), ",")
		parts := strings.Split(f.Tag.Get("protobuf"), ",")
		if tag[0] == "-" || len(parts) < 2 {
			continue
		}
		number, err := strconv.Atoi(parts[1])
		if err != nil {
			panic(name + "." + f.Name + " has no number")
		}
		member := tag[0]
		switch {
		case member == "" && f.Anonymous:
			member = "." // its fields are members of the owner
		case member == "":
			member = f.Name
		}
		line := fmt.Sprintf("%s %d %s", member, number, wireType(f.Type))
		if f.Type.Kind() != reflect.Pointer && (has(tag, "omitempty") || has(tag, "omitzero")) {
			line += " omitempty"
		}
		if f.Name != strings.ToUpper(member[:1])+member[1:] {
			line += " go=" + f.Name
		}
		lines = append(lines, line)
	}
	messages[name] = lines
}

func has(words []string, word string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}

func printMessages() {
	for _, root := range roots {
		t := reflect.TypeOf(root)
		name := short(t)
		sent[groups[strings.TrimSuffix(name, "."+t.Name())]+" "+t.Name()] = root
	}
	fmt.Println("# Messages of the kinds of Kubernetes 1.34 that clients send; made by src/main/schema/generate.sh, not to be edited.")
	kinds := []string{}
	for kind, root := range sent {
		kinds = append(kinds, "kind "+kind+" "+wireType(reflect.TypeOf(root)))
	}
	sort.Strings(kinds)
	fmt.Println(strings.Join(kinds, "\n"))
	names := []string{}
	for name := range messages {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Println("message " + name)
		for _, line := range messages[name] {
			fmt.Println(" " + line)
		}
	}
}
