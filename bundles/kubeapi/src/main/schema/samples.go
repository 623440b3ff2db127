package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand"
	"reflect"
	"sort"
	"strings"
	"time"

	core "k8s.io/api/core/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	schemas "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/randfill"
)

const samplesPerKind = 12

type sampler struct {
	*rand.Rand
}

func (s sampler) text() string {
	words := []string{"", "a", "kelp", "Gerät", "海藻", "🌊", "x\ny", "<&>", strings.Repeat("long ", 60)}
	return words[s.Intn(len(words))]
}

func (s sampler) schema(p *apiextensions.JSONSchemaProps, c randfill.Continue, depth int) {
	p.ID, p.Type, p.Nullable, p.XIntOrString = s.text(), s.text(), s.Intn(2) == 0, s.Intn(2) == 0
	p.Schema = apiextensions.JSONSchemaURL(s.text())
	c.Fill(&p.MaxLength)
	c.Fill(&p.XPreserveUnknownFields)
	c.Fill(&p.XValidations)
	c.Fill(&p.Required)
	c.Fill(&p.Enum)
	c.Fill(&p.Default)
	numbers := []float64{0, 1, -2.5, 1e21, 1e-7, 123456789, 0.1}
	p.Maximum = &numbers[s.Intn(len(numbers))]
	if depth == 0 {
		return
	}
	inner := func() *apiextensions.JSONSchemaProps {
		i := &apiextensions.JSONSchemaProps{}
		s.schema(i, c, depth-1)
		return i
	}
	p.Properties = map[string]apiextensions.JSONSchemaProps{"a": *inner(), "": {}}
	p.Items = []*apiextensions.JSONSchemaPropsOrArray{nil, {}, {Schema: inner()}, {JSONSchemas: []apiextensions.JSONSchemaProps{*inner(), {}}}}[s.Intn(4)]
	p.AdditionalProperties = []*apiextensions.JSONSchemaPropsOrBool{nil, {}, {Allows: true}, {Allows: true, Schema: inner()}}[s.Intn(4)]
	p.Dependencies = apiextensions.JSONSchemaDependencies{"b": {Property: []string{"a"}}, "c": {Schema: inner()}}
	p.AllOf = []apiextensions.JSONSchemaProps{*inner()}
	p.Not = inner()
}

func (s sampler) filler() *randfill.Filler {
	return randfill.New().RandSource(s.Rand).NilChance(.4).NumElements(0, 2).MaxDepth(14).Funcs(
		func(v *string, c randfill.Continue) { *v = s.text() },
		func(v *int32, c randfill.Continue) { *v = []int32{0, 1, -1, 443, 1<<31 - 1, -1 << 31}[s.Intn(6)] },
		func(v *int64, c randfill.Continue) { *v = []int64{0, 1, -1, 3600, 1<<63 - 1, -1 << 63}[s.Intn(6)] },
		func(v *meta.Time, c randfill.Continue) {
			if s.Intn(4) > 0 {
				v.Time = time.Unix(s.Int63n(1<<36)-1<<33, 0)
			}
		},
		func(v *meta.MicroTime, c randfill.Continue) {
			if s.Intn(4) > 0 {
				v.Time = time.Unix(s.Int63n(1<<32), s.Int63n(1000000)*1000)
			}
		},
		func(v *resource.Quantity, c randfill.Continue) {
			*v = resource.MustParse([]string{"0", "1", "250m", "64Mi", "1e3", "-5", "1500u"}[s.Intn(7)])
		},
		func(v *intstr.IntOrString, c randfill.Continue) {
			*v = []intstr.IntOrString{intstr.FromInt32(0), intstr.FromInt32(-8), intstr.FromString("http"), intstr.FromString("")}[s.Intn(4)]
		},
		func(v *meta.FieldsV1, c randfill.Continue) { v.Raw = []byte(`{"f:data":{".":{},"f:a":{}}}`) },
		func(v *apiextensions.JSON, c randfill.Continue) {
			v.Raw = []byte([]string{`1`, `"x"`, `{"a":[null,1.5]}`, `false`}[s.Intn(4)])
		},
		func(v *apiextensions.JSONSchemaProps, c randfill.Continue) { s.schema(v, c, 2) },
		func(v *core.ResourceList, c randfill.Continue) {
			q := resource.Quantity{}
			c.Fill(&q)
			*v = core.ResourceList{"cpu": q, core.ResourceName(s.text()): {}}
		},
	)
}

// Prints objects of every kind with random content: as protobuf, and as the JSON that Go makes of the same bytes.
func printSamples() {
	for _, root := range roots {
		t := reflect.TypeOf(root)
		sent[groups[strings.TrimSuffix(short(t), "."+t.Name())]+" "+t.Name()] = root
	}
	kinds := []string{}
	for kind := range sent {
		kinds = append(kinds, kind)
	}
	sort.Strings(kinds)
	s := sampler{rand.New(rand.NewSource(4))}
	encoder := protobuf.NewSerializer(nil, nil)
	for _, kind := range kinds {
		apiVersion, name, _ := strings.Cut(strings.Replace(kind, "*", "v1", 1), " ")
		for i := 0; i < samplesPerKind; i++ {
			object := reflect.New(reflect.TypeOf(sent[kind])).Interface().(runtime.Object)
			s.filler().Fill(object)
			object.GetObjectKind().SetGroupVersionKind(schemas.FromAPIVersionAndKind(apiVersion, name))
			bytes, err := runtime.Encode(encoder, object)
			check(err)
			fmt.Println(sample(object, bytes))
		}
	}
}

// What the receiver of the bytes would show as JSON: nothing tells an empty list from none any more.
func sample(object runtime.Object, bytes []byte) string {
	type message interface {
		Marshal() ([]byte, error)
		Unmarshal([]byte) error
	}
	raw, err := object.(message).Marshal()
	check(err)
	again := reflect.New(reflect.TypeOf(object).Elem()).Interface().(runtime.Object)
	check(again.(message).Unmarshal(raw))
	again.GetObjectKind().SetGroupVersionKind(object.GetObjectKind().GroupVersionKind())
	text, err := json.Marshal(map[string]any{"protobuf": base64.StdEncoding.EncodeToString(bytes), "json": again})
	check(err)
	return string(text)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
