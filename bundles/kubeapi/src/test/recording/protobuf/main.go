// Writes through client-go to an API server and prints what went over the wire: requests in protobuf, answers in JSON.
//
//	sh itests/control-plane.sh up DIR
//	cd bundles/kubeapi/src/test/recording/protobuf
//	go run . DIR/kubeconfig > ../../resources/io/kelp/kubeapi/internal/protobuf/recorded.jsonl
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	authentication "k8s.io/api/authentication/v1"
	authorization "k8s.io/api/authorization/v1"
	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	node "k8s.io/api/node/v1"
	policy "k8s.io/api/policy/v1"
	rbac "k8s.io/api/rbac/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	definitions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

const namespace = "protobuf"

type exchange struct {
	Method      string          `json:"method"`
	Path        string          `json:"path"`
	ContentType string          `json:"contentType"`
	Body        []byte          `json:"body"`
	Code        int             `json:"code"`
	Answer      json.RawMessage `json:"answer"`
}

type recorder struct{ next http.RoundTripper }

// Asks for JSON in the client's name: it takes both.
func (r recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	var body []byte
	if request.Body != nil {
		body, _ = io.ReadAll(request.Body)
		request.Body = io.NopCloser(bytes.NewReader(body))
	}
	request.Header.Set("Accept", "application/json")
	response, err := r.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(answer))
	line, _ := json.Marshal(exchange{request.Method, request.URL.RequestURI(), request.Header.Get("Content-Type"), body, response.StatusCode, answer})
	fmt.Println(string(line))
	return response, err
}

func check(_ any, err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func to[T any](value T) *T { return &value }

func main() {
	config := must(clientcmd.BuildConfigFromFlags("", os.Args[1]))
	config.QPS, config.Burst = 1000, 1000
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return recorder{next} })
	client := must(kubernetes.NewForConfig(config))
	ctx := context.Background()
	named := func(name string) meta.ObjectMeta { return meta.ObjectMeta{Name: name, Namespace: namespace} }
	create := meta.CreateOptions{FieldManager: "recorder"}
	update := meta.UpdateOptions{FieldManager: "recorder"}

	check(client.CoreV1().Namespaces().Create(ctx, &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: namespace, Labels: map[string]string{"a": ""}}}, create))
	check(client.CoreV1().ServiceAccounts(namespace).Create(ctx, &core.ServiceAccount{ObjectMeta: named("robot"), AutomountServiceAccountToken: to(false)}, create))
	check(client.CoreV1().ConfigMaps(namespace).Create(ctx, &core.ConfigMap{ObjectMeta: named("texts"),
		Data: map[string]string{"a": "1", "empty": "", "wide": "海藻 🌊"}, BinaryData: map[string][]byte{"b": {0, 1, 0xff}, "none": {}}}, create))
	check(client.CoreV1().ConfigMaps(namespace).Create(ctx, &core.ConfigMap{ObjectMeta: named("damaged"), Data: map[string]string{"a": "cut\xe6\xb5"}}, create))
	check(client.CoreV1().ConfigMaps(namespace).Create(ctx, &core.ConfigMap{ObjectMeta: named("Wrong_Name"), Data: map[string]string{"a/b": "1"}}, create))
	check(client.CoreV1().Secrets(namespace).Create(ctx, &core.Secret{ObjectMeta: named("pass"), Type: "Opaque", Data: map[string][]byte{"p": []byte("x")},
		StringData: map[string]string{"q": "y"}, Immutable: to(true)}, create))
	check(client.RbacV1().Roles(namespace).Create(ctx, &rbac.Role{ObjectMeta: named("reader"), Rules: []rbac.PolicyRule{
		{Verbs: []string{"get", "list"}, APIGroups: []string{""}, Resources: []string{"pods"}, ResourceNames: []string{"a"}}}}, create))
	check(client.RbacV1().Roles(namespace).Create(ctx, &rbac.Role{ObjectMeta: named("nothing"), Rules: []rbac.PolicyRule{{}}}, create))
	check(client.RbacV1().RoleBindings(namespace).Create(ctx, &rbac.RoleBinding{ObjectMeta: named("readers"),
		Subjects: []rbac.Subject{{Kind: "ServiceAccount", Name: "robot", Namespace: namespace}, {Kind: "User", APIGroup: "rbac.authorization.k8s.io", Name: "jane"}},
		RoleRef:  rbac.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "Role", Name: "reader"}}, create))
	check(client.RbacV1().ClusterRoles().Create(ctx, &rbac.ClusterRole{ObjectMeta: meta.ObjectMeta{Name: "protobuf-sum"},
		AggregationRule: &rbac.AggregationRule{ClusterRoleSelectors: []meta.LabelSelector{{MatchLabels: map[string]string{"protobuf": "none"}}}}}, create))
	check(client.NodeV1().RuntimeClasses().Create(ctx, &node.RuntimeClass{ObjectMeta: meta.ObjectMeta{Name: "protobuf"}, Handler: "osgi",
		Overhead: &node.Overhead{PodFixed: core.ResourceList{"memory": resource.MustParse("8Mi")}}}, create))

	now := time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.UTC)
	lease := must(client.CoordinationV1().Leases(namespace).Create(ctx, &coordination.Lease{ObjectMeta: named("leader"), Spec: coordination.LeaseSpec{
		HolderIdentity: to("me"), LeaseDurationSeconds: to(int32(15)), AcquireTime: to(meta.NewMicroTime(now)), RenewTime: to(meta.NewMicroTime(now))}}, create))
	lease.Spec.LeaseTransitions = to(int32(1))
	lease.Spec.HolderIdentity = to("")
	lease.UID, lease.ResourceVersion = "", "" // so that the request can be repeated elsewhere
	check(client.CoordinationV1().Leases(namespace).Update(ctx, lease, update))
	lease.ResourceVersion = "1"
	check(client.CoordinationV1().Leases(namespace).Update(ctx, lease, update)) // a conflict
	check(client.CoreV1().Events(namespace).Create(ctx, &core.Event{ObjectMeta: named("leader.1"), Reason: "Elected", Message: "me", Type: "Normal", Count: 1,
		InvolvedObject: core.ObjectReference{Kind: "Lease", Namespace: namespace, Name: "leader", APIVersion: "coordination.k8s.io/v1"},
		Source:         core.EventSource{Component: "recorder"}, FirstTimestamp: meta.NewTime(now), LastTimestamp: meta.NewTime(now)}, create))

	check(client.CoreV1().Pods(namespace).Create(ctx, pod(named("web")), create))
	check(client.CoreV1().Pods(namespace).Create(ctx, &core.Pod{ObjectMeta: named("none")}, create))
	bare := pod(named("bare"))
	bare.Spec = core.PodSpec{Containers: []core.Container{{Name: "a", Image: "x"}}, ServiceAccountName: "robot", SchedulerName: "nobody"}
	check(client.CoreV1().Pods(namespace).Create(ctx, bare, create))
	check(nil, client.CoreV1().Pods(namespace).Bind(ctx, &core.Binding{ObjectMeta: named("bare"), Target: core.ObjectReference{Kind: "Node", Name: "nowhere"}}, create))
	check(nil, client.CoreV1().Pods(namespace).Bind(ctx, &core.Binding{ObjectMeta: named("bare"), Target: core.ObjectReference{Kind: "Node", Name: "else"}}, create))
	bound := must(client.CoreV1().Pods(namespace).Get(ctx, "bare", meta.GetOptions{}))
	bound.UID, bound.ResourceVersion = "", ""
	bound.Status.Phase = core.PodRunning
	bound.Status.PodIPs = []core.PodIP{{IP: "10.0.0.1"}}
	bound.Status.PodIP = "10.0.0.1"
	bound.Status.ContainerStatuses = []core.ContainerStatus{{Name: "a", Ready: true, RestartCount: 3, Image: "x", ImageID: "y", Started: to(true),
		State: core.ContainerState{Running: &core.ContainerStateRunning{StartedAt: meta.NewTime(now)}}}}
	check(client.CoreV1().Pods(namespace).UpdateStatus(ctx, bound, update))
	check(nil, client.CoreV1().Pods(namespace).EvictV1(ctx, &policy.Eviction{ObjectMeta: named("bare"), DeleteOptions: &meta.DeleteOptions{DryRun: []string{"All"}}}))
	check(nil, client.CoreV1().Pods(namespace).EvictV1(ctx, &policy.Eviction{ObjectMeta: named("absent")}))

	check(client.CoreV1().Nodes().Create(ctx, &core.Node{ObjectMeta: meta.ObjectMeta{Name: "protobuf"}, Spec: core.NodeSpec{Unschedulable: true, PodCIDR: "10.1.0.0/24",
		Taints: []core.Taint{{Key: "a", Effect: "NoExecute", TimeAdded: to(meta.NewTime(now))}}}}, create))

	check(client.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, "absent", &authentication.TokenRequest{Spec: authentication.TokenRequestSpec{ExpirationSeconds: to(int64(3600))}}, create))
	check(client.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, "robot", &authentication.TokenRequest{Spec: authentication.TokenRequestSpec{ExpirationSeconds: to(int64(5))}}, create))
	check(client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorization.SelfSubjectAccessReview{Spec: authorization.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorization.ResourceAttributes{Namespace: namespace, Verb: "get", Resource: "pods"}}}, create))
	check(client.AuthorizationV1().SubjectAccessReviews().Create(ctx, &authorization.SubjectAccessReview{Spec: authorization.SubjectAccessReviewSpec{User: "jane",
		Groups: []string{"g"}, Extra: map[string]authorization.ExtraValue{"scope": {"a", "b"}, "none": nil},
		ResourceAttributes: &authorization.ResourceAttributes{Namespace: namespace, Verb: "list", Resource: "secrets"}}}, create))
	check(client.AuthorizationV1().LocalSubjectAccessReviews(namespace).Create(ctx, &authorization.LocalSubjectAccessReview{ObjectMeta: meta.ObjectMeta{Namespace: namespace},
		Spec: authorization.SubjectAccessReviewSpec{User: "jane"}}, create))
	check(client.AuthenticationV1().TokenReviews().Create(ctx, &authentication.TokenReview{Spec: authentication.TokenReviewSpec{Token: ""}}, create))

	check(define(must(definitions.NewForConfig(config)), ctx, create))

	pods := client.CoreV1().Pods(namespace)
	check(nil, pods.Delete(ctx, "web", meta.DeleteOptions{Preconditions: &meta.Preconditions{UID: to(types.UID("other"))}}))
	check(nil, pods.Delete(ctx, "web", meta.DeleteOptions{GracePeriodSeconds: to(int64(0)), PropagationPolicy: to(meta.DeletePropagationBackground)}))
	check(nil, client.CoreV1().Secrets(namespace).Delete(ctx, "pass", meta.DeleteOptions{OrphanDependents: to(true), PropagationPolicy: to(meta.DeletePropagationOrphan)}))
	check(nil, client.CoreV1().Secrets(namespace).DeleteCollection(ctx, meta.DeleteOptions{DryRun: []string{"All"}}, meta.ListOptions{}))
	check(nil, client.CoreV1().Secrets(namespace).Delete(ctx, "pass", meta.DeleteOptions{DryRun: []string{"Some"}}))
	check(nil, client.CoreV1().Secrets(namespace).Delete(ctx, "pass", meta.DeleteOptions{PropagationPolicy: to(meta.DeletionPropagation("Odd"))}))
	check(nil, client.CoordinationV1().Leases(namespace).Delete(ctx, "leader", meta.DeleteOptions{}))
}

func pod(metadata meta.ObjectMeta) *core.Pod {
	metadata.Annotations = map[string]string{"a": "b"}
	return &core.Pod{ObjectMeta: metadata, Spec: core.PodSpec{
		NodeSelector: map[string]string{"protobuf": "none"}, SchedulerName: "nobody", TerminationGracePeriodSeconds: to(int64(0)), ServiceAccountName: "robot",
		SecurityContext: &core.PodSecurityContext{SupplementalGroups: []int64{1, 300, 70000}, RunAsUser: to(int64(0))},
		Tolerations:     []core.Toleration{{Key: "a", Operator: "Exists", TolerationSeconds: to(int64(-1)), Effect: "NoExecute"}},
		Volumes: []core.Volume{{Name: "host", VolumeSource: core.VolumeSource{HostPath: &core.HostPathVolumeSource{Path: "/dev"}}},
			{Name: "texts", VolumeSource: core.VolumeSource{ConfigMap: &core.ConfigMapVolumeSource{LocalObjectReference: core.LocalObjectReference{Name: "texts"}, DefaultMode: to(int32(0o400))}}},
			{Name: "space", VolumeSource: core.VolumeSource{EmptyDir: &core.EmptyDirVolumeSource{SizeLimit: to(resource.MustParse("0.5Gi"))}}}},
		Containers: []core.Container{{Name: "main", Image: "bundle:1", Args: []string{"", "x"},
			Env: []core.EnvVar{{Name: "A", Value: ""}, {Name: "B", ValueFrom: &core.EnvVarSource{ConfigMapKeyRef: &core.ConfigMapKeySelector{
				LocalObjectReference: core.LocalObjectReference{Name: "texts"}, Key: "a", Optional: to(false)}}}},
			Ports:          []core.ContainerPort{{ContainerPort: 8080, Name: "http"}},
			LivenessProbe:  &core.Probe{ProbeHandler: core.ProbeHandler{HTTPGet: &core.HTTPGetAction{Port: intstr.FromString("http"), Path: "/"}}, PeriodSeconds: 3},
			ReadinessProbe: &core.Probe{ProbeHandler: core.ProbeHandler{TCPSocket: &core.TCPSocketAction{Port: intstr.FromInt32(8080)}}},
			Resources:      core.ResourceRequirements{Requests: core.ResourceList{"cpu": resource.MustParse("0.1"), "memory": resource.MustParse("64Mi")}},
			VolumeMounts:   []core.VolumeMount{{Name: "host", MountPath: "/dev", ReadOnly: true}}}},
	}}
}

func define(client definitions.Interface, ctx context.Context, create meta.CreateOptions) (any, error) {
	schema := &apiextensions.JSONSchemaProps{Type: "object", Properties: map[string]apiextensions.JSONSchemaProps{
		"spec": {Type: "object", Required: []string{"size"}, Properties: map[string]apiextensions.JSONSchemaProps{
			"size": {Type: "number", Minimum: to(0.5), Maximum: to(1e21), MultipleOf: to(0.25), Default: &apiextensions.JSON{Raw: []byte(`1.5`)}},
			"mode": {Type: "string", Enum: []apiextensions.JSON{{Raw: []byte(`"on"`)}, {Raw: []byte(`"off"`)}}, MaxLength: to(int64(3))},
			"list": {Type: "array", XListType: to("set"), Items: &apiextensions.JSONSchemaPropsOrArray{Schema: &apiextensions.JSONSchemaProps{Type: "string"}}},
			"map":  {Type: "object", AdditionalProperties: &apiextensions.JSONSchemaPropsOrBool{Allows: true, Schema: &apiextensions.JSONSchemaProps{XIntOrString: true}}},
			"free": {Type: "object", XPreserveUnknownFields: to(true), Nullable: true},
		}, Not: &apiextensions.JSONSchemaProps{Required: []string{"never"}}}}}
	return client.ApiextensionsV1().CustomResourceDefinitions().Create(ctx, &apiextensions.CustomResourceDefinition{ObjectMeta: meta.ObjectMeta{Name: "things.protobuf.kelp.io"},
		Spec: apiextensions.CustomResourceDefinitionSpec{Group: "protobuf.kelp.io", Scope: "Namespaced",
			Names: apiextensions.CustomResourceDefinitionNames{Plural: "things", Kind: "Thing", ShortNames: []string{"th"}},
			Versions: []apiextensions.CustomResourceDefinitionVersion{{Name: "v1", Served: true, Storage: true,
				Schema:                   &apiextensions.CustomResourceValidation{OpenAPIV3Schema: schema},
				Subresources:             &apiextensions.CustomResourceSubresources{Status: &apiextensions.CustomResourceSubresourceStatus{}},
				AdditionalPrinterColumns: []apiextensions.CustomResourceColumnDefinition{{Name: "Size", Type: "number", JSONPath: ".spec.size"}}}}}}, create)
}
