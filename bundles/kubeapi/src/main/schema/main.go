// Prints the types of the built-in kinds: what Go's reflection knows (names, wire names, omission of empty values)
// joined with what only the published OpenAPI documents say (required fields, kinds of lists and maps, defaults).
// See generate.sh for how to run it.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	authentication "k8s.io/api/authentication/v1"
	authorization "k8s.io/api/authorization/v1"
	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	node "k8s.io/api/node/v1"
	rbac "k8s.io/api/rbac/v1"
)

var roots = []any{
	core.Namespace{}, core.Node{}, core.Pod{}, core.ConfigMap{}, core.Secret{}, core.ServiceAccount{}, core.Event{},
	core.Binding{}, coordination.Lease{}, rbac.Role{}, rbac.ClusterRole{}, rbac.RoleBinding{}, rbac.ClusterRoleBinding{},
	node.RuntimeClass{},
	authentication.SelfSubjectReview{}, authentication.TokenRequest{}, authentication.TokenReview{},
	authorization.LocalSubjectAccessReview{}, authorization.SelfSubjectAccessReview{}, authorization.SelfSubjectRulesReview{},
	authorization.SubjectAccessReview{},
}

// Structs whose wire form is a scalar or anything at all.
var opaque = map[string]bool{
	"meta.v1.Time": true, "meta.v1.MicroTime": true, "meta.v1.FieldsV1": true, "resource.Quantity": true, "intstr.IntOrString": true,
}

type schema struct {
	Properties map[string]map[string]any `json:"properties"`
	Required   []string                  `json:"required"`
	MapType    string                    `json:"x-kubernetes-map-type"`
}

var published = map[string]schema{}
var structs = map[string][]string{}
var scalars = map[string]string{}

func short(t reflect.Type) string {
	path := t.PkgPath()
	path = strings.TrimPrefix(path, "k8s.io/api/")
	path = strings.TrimPrefix(path, "k8s.io/apimachinery/pkg/apis/")
	path = strings.TrimPrefix(path, "k8s.io/apimachinery/pkg/api/")
	path = strings.TrimPrefix(path, "k8s.io/apimachinery/pkg/util/")
	path = strings.TrimPrefix(path, "k8s.io/apimachinery/pkg/")
	return strings.ReplaceAll(path, "/", ".") + "." + t.Name()
}

func long(name string) string {
	if strings.HasPrefix(name, "meta.") {
		return "io.k8s.apimachinery.pkg.apis." + name
	}
	return "io.k8s.api." + name
}

func expression(t reflect.Type) string {
	switch {
	case t.Kind() == reflect.Pointer:
		return "*" + expression(t.Elem())
	case t.Kind() == reflect.Slice && t.Name() == "":
		return "[]" + expression(t.Elem())
	case t.Kind() == reflect.Map && t.Name() == "":
		return "map:" + expression(t.Key()) + ":" + expression(t.Elem())
	case t.PkgPath() == "":
		return t.Name()
	case t.Kind() == reflect.Struct:
		describe(t)
		return short(t)
	case t.Kind() == reflect.Slice:
		scalars[short(t)] = "[]" + expression(t.Elem())
		return short(t)
	case t.Kind() == reflect.Map:
		scalars[short(t)] = "map:" + expression(t.Key()) + ":" + expression(t.Elem())
		return short(t)
	default:
		scalars[short(t)] = t.Kind().String()
		return short(t)
	}
}

func fields(t reflect.Type, owner schema, out *[]string) {
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag := strings.Split(f.Tag.Get("json"), ",")
		if tag[0] == "-" {
			continue
		}
		if tag[0] == "" && f.Anonymous {
			fields(f.Type, owner, out)
			continue
		}
		options := ""
		for _, o := range tag[1:] {
			switch o {
			case "omitempty":
				options += " omitempty"
			case "omitzero":
				options += " omitzero"
			}
		}
		for _, r := range owner.Required {
			if r == tag[0] {
				options += " required"
			}
		}
		p := owner.Properties[tag[0]]
		if v, ok := p["x-kubernetes-list-type"]; ok {
			options += fmt.Sprintf(" list=%v", v)
		}
		if v, ok := p["x-kubernetes-list-map-keys"].([]any); ok {
			keys := []string{}
			for _, k := range v {
				keys = append(keys, k.(string))
			}
			options += " keys=" + strings.Join(keys, ",")
		}
		if v, ok := p["x-kubernetes-map-type"]; ok {
			options += fmt.Sprintf(" map=%v", v)
		}
		if v, ok := p["x-kubernetes-patch-strategy"]; ok {
			options += fmt.Sprintf(" strategy=%v", v)
		}
		if v, ok := p["x-kubernetes-patch-merge-key"]; ok {
			options += fmt.Sprintf(" merge=%v", v)
		}
		if v, ok := p["default"]; ok {
			if s, text := v.(string); text && s != "" {
				options += " default=" + s
			}
		}
		*out = append(*out, tag[0]+" "+expression(f.Type)+options)
	}
}

func describe(t reflect.Type) {
	name := short(t)
	if _, done := structs[name]; done || opaque[name] {
		return
	}
	structs[name] = nil
	owner := published[long(name)]
	lines := []string{}
	fields(t, owner, &lines)
	if owner.MapType != "" {
		lines = append([]string{"map=" + owner.MapType}, lines...)
	}
	structs[name] = lines
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "messages" {
		printMessages()
		return
	}
	if len(os.Args) == 2 && os.Args[1] == "samples" {
		printSamples()
		return
	}
	for _, file := range os.Args[1:] {
		bytes, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		var document struct {
			Components struct {
				Schemas map[string]schema `json:"schemas"`
			} `json:"components"`
		}
		if err := json.Unmarshal(bytes, &document); err != nil {
			panic(err)
		}
		for name, s := range document.Components.Schemas {
			published[name] = s
		}
	}
	for _, root := range roots {
		describe(reflect.TypeOf(root))
	}
	fmt.Println("# Types of the built-in kinds of Kubernetes 1.34; made by src/main/schema/generate.sh, not to be edited.")
	print("scalar", scalars)
	names := []string{}
	for name := range structs {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Println("struct " + name)
		for _, line := range structs[name] {
			fmt.Println(" " + line)
		}
	}
}

func print(word string, of map[string]string) {
	names := []string{}
	for name := range of {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Println(word + " " + name + " " + of[name])
	}
}
