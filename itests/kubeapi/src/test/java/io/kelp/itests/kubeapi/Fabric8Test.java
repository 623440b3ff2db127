package io.kelp.itests.kubeapi;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ConfigMapList;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.kelp.testkit.Await;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The fabric8 client on both: what a Java program sees must be the same. */
@Tag("slow")
@ExtendWith(Sides.class)
class Fabric8Test {

    private final Sides.Pair sides;
    private final Verdict verdict;

    Fabric8Test(Sides.Pair sides) {
        this.sides = sides;
        this.verdict = new Verdict(sides);
    }

    @Test
    void seesTheSame() {
        List<String> answers = sides.ask(side -> {
            String mark = Long.toString(new Random().nextLong(1L << 30), 36);
            Map<String, String> names = new LinkedHashMap<>();
            names.put("fabric8-" + mark, "NAMESPACE");
            names.put(mark, "MARK");
            Program program = new Program(side.client(), "fabric8-" + mark, mark + ".example.com", new StringBuilder());
            side.client().namespaces().resource(new NamespaceBuilder().withNewMetadata().withName("fabric8-" + mark).endMetadata().build()).create();
            try {
                Await.until("the default account", Duration.ofSeconds(30), () -> side.client().serviceAccounts().inNamespace("fabric8-" + mark).withName("default").get() != null);
                program.objects();
                program.patches();
                program.pages();
                program.informer();
                program.customType();
                program.election();
                return new Normaliser(side.server(), names).text(program.said().toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            } finally {
                side.client().namespaces().withName("fabric8-" + mark).delete();
            }
        });
        verdict.judge("fabric8", answers.get(0), answers.get(1));
    }

    /** What is done on one side, and what is noted of it. */
    private record Program(KubernetesClient client, String namespace, String group, StringBuilder said) {

        void say(String what, Supplier<Object> call) {
            said.append(what).append(" -> ");
            try {
                Object result = call.get();
                said.append(result instanceof String || result == null ? result : new Normaliser("https://nowhere", Map.of()).answer(Serialization.asJson(result).replace("\n", " ")));
            } catch (KubernetesClientException e) {
                said.append("raised ").append(e.getCode()).append(' ').append(e.getStatus() == null ? "" : e.getStatus().getReason() + " " + e.getStatus().getMessage());
                if (e.getStatus() != null && e.getStatus().getDetails() != null && e.getStatus().getDetails().getCauses() != null) {
                    for (StatusCause cause : e.getStatus().getDetails().getCauses()) {
                        said.append("\n  ").append(cause.getField()).append(' ').append(cause.getReason()).append(' ').append(cause.getMessage());
                    }
                }
            }
            said.append('\n');
        }

        ConfigMap configMap(String name, String key, String value) {
            return new ConfigMapBuilder().withNewMetadata().withName(name).withNamespace(namespace).addToLabels("set", "x").endMetadata().addToData(key, value).build();
        }

        void objects() {
            say("create", () -> client.configMaps().resource(configMap("a", "k", "v")).create());
            say("create again", () -> client.configMaps().resource(configMap("a", "k", "v")).create());
            say("create or replace", () -> client.configMaps().resource(configMap("a", "k", "w")).unlock().createOr(r -> r.update()));
            say("get", () -> client.configMaps().inNamespace(namespace).withName("a").get());
            say("get absent", () -> client.configMaps().inNamespace(namespace).withName("absent").get());
            say("edit", () -> client.configMaps().inNamespace(namespace).withName("a").edit(c -> new ConfigMapBuilder(c).addToData("edited", "yes").build()));
            ConfigMap old = client.configMaps().inNamespace(namespace).withName("a").get();
            say("edit between", () -> client.configMaps().inNamespace(namespace).withName("a").edit(c -> new ConfigMapBuilder(c).addToData("between", "yes").build()));
            say("update with an old version", () -> client.configMaps().resource(new ConfigMapBuilder(old).addToData("late", "yes").build()).update());
            say("lock", () -> client.configMaps().resource(old).lockResourceVersion(old.getMetadata().getResourceVersion()).update());
            say("dry run", () -> client.configMaps().resource(configMap("dry", "k", "v")).dryRun().create());
            say("invalid", () -> client.configMaps().resource(configMap("Bad_", "a b", "v")).create());
            say("pod", () -> client.pods().resource(new PodBuilder().withNewMetadata().withName("p").withNamespace(namespace).endMetadata().withNewSpec()
                    .withSchedulerName("none").withAutomountServiceAccountToken(false).addNewContainer().withName("c").withImage("x").endContainer().endSpec().build()).create());
            say("pod status", () -> client.pods().inNamespace(namespace).withName("p").editStatus(p -> new PodBuilder(p).editOrNewStatus().withPhase("Running").endStatus().build()));
            say("delete pod", () -> client.pods().inNamespace(namespace).withName("p").withGracePeriod(0).delete().toString().replaceAll("\\s+", " "));
            say("delete absent", () -> client.pods().inNamespace(namespace).withName("p").delete().toString());
            say("may I", () -> client.authorization().v1().selfSubjectAccessReview().create(new SelfSubjectAccessReviewBuilder().withNewSpec().withNewResourceAttributes()
                    .withVerb("get").withResource("pods").endResourceAttributes().endSpec().build()).getStatus().getAllowed().toString());
            say("version", () -> client.getKubernetesVersion().getMajor());
            say("supports", () -> client.supports(ConfigMap.class) + " " + client.hasApiGroup("coordination.k8s.io", true) + " " + client.hasApiGroup("nothing.example", true));
        }

        void patches() {
            ConfigMap applied = new ConfigMapBuilder().withNewMetadata().withName("ssa").withNamespace(namespace).endMetadata().addToData("a", "1").build();
            say("server side apply", () -> client.configMaps().resource(applied).serverSideApply());
            PatchContext other = new PatchContext.Builder().withPatchType(PatchType.SERVER_SIDE_APPLY).withFieldManager("other").withForce(false).build();
            say("conflict", () -> client.configMaps().resource(new ConfigMapBuilder(applied).addToData("a", "2").build()).patch(other));
            say("merge", () -> client.configMaps().inNamespace(namespace).withName("ssa").patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\":{\"m\":\"1\"}}"));
            say("json", () -> client.configMaps().inNamespace(namespace).withName("ssa").patch(PatchContext.of(PatchType.JSON), "[{\"op\":\"remove\",\"path\":\"/data/m\"}]"));
            say("strategic", () -> client.configMaps().inNamespace(namespace).withName("ssa").patch(PatchContext.of(PatchType.STRATEGIC_MERGE), "{\"data\":{\"s\":null,\"t\":\"u\"}}"));
        }

        void pages() {
            for (int i = 0; i < 7; i++) {
                client.configMaps().resource(configMap("p" + i, "i", "" + i)).create();
            }
            String next = null;
            do {
                ConfigMapList page = client.configMaps().inNamespace(namespace).withLabel("set", "x").list(new ListOptionsBuilder().withLimit(3L).withContinue(next).build());
                said.append("page").append(page.getItems().stream().map(c -> c.getMetadata().getName()).toList()).append(' ').append(page.getMetadata().getRemainingItemCount()).append('\n');
                next = page.getMetadata().getContinue();
            } while (next != null && !next.isEmpty());
            say("without a label", () -> client.configMaps().inNamespace(namespace).withoutLabel("set").list().getItems().stream().map(c -> c.getMetadata().getName()).toList().toString());
            say("by field", () -> client.configMaps().inNamespace(namespace).withField("metadata.name", "p3").list().getItems().size() + "");
            say("delete by label", () -> client.configMaps().inNamespace(namespace).withLabel("set", "x").delete().stream().map(d -> d.getName()).sorted().toList().toString());
        }

        void informer() throws InterruptedException {
            ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();
            CountDownLatch end = new CountDownLatch(1);
            client.configMaps().resource(new ConfigMapBuilder(configMap("before", "k", "v")).editMetadata().addToLabels("watched", "y").endMetadata().build()).create();
            try (SharedIndexInformer<ConfigMap> informer = client.configMaps().inNamespace(namespace).withLabel("watched", "y").inform(new ResourceEventHandler<>() {
                @Override
                public void onAdd(ConfigMap made) {
                    events.add("added " + made.getMetadata().getName());
                }

                @Override
                public void onUpdate(ConfigMap before, ConfigMap after) {
                    events.add("updated " + after.getMetadata().getName() + " " + after.getData());
                }

                @Override
                public void onDelete(ConfigMap gone, boolean unknown) {
                    events.add("deleted " + gone.getMetadata().getName() + " " + unknown);
                    if (gone.getMetadata().getName().equals("last")) {
                        end.countDown();
                    }
                }
            })) {
                client.configMaps().inNamespace(namespace).withName("before").edit(c -> new ConfigMapBuilder(c).addToData("k", "w").build());
                client.configMaps().inNamespace(namespace).withName("before").edit(c -> new ConfigMapBuilder(c).editMetadata().removeFromLabels("watched").endMetadata().build());
                client.configMaps().resource(new ConfigMapBuilder(configMap("last", "k", "v")).editMetadata().addToLabels("watched", "y").endMetadata().build()).create();
                client.configMaps().inNamespace(namespace).withName("last").delete();
                if (!end.await(30, TimeUnit.SECONDS)) {
                    throw new AssertionError("the informer saw only " + events);
                }
                said.append(events).append(" left ").append(informer.getStore().list().size()).append('\n');
            }
        }

        void customType() {
            String definition = """
                    apiVersion: apiextensions.k8s.io/v1
                    kind: CustomResourceDefinition
                    metadata: {name: pumps.GROUP}
                    spec:
                      group: GROUP
                      scope: Namespaced
                      names: {plural: pumps, singular: pump, kind: Pump}
                      versions:
                      - name: v1
                        served: true
                        storage: true
                        subresources: {status: {}}
                        schema:
                          openAPIV3Schema:
                            type: object
                            properties:
                              spec: {type: object, properties: {speed: {type: integer, maximum: 9, default: 2}}}
                              status: {type: object, x-kubernetes-preserve-unknown-fields: true}
                    """.replace("GROUP", group);
            client.load(new java.io.ByteArrayInputStream(definition.getBytes(java.nio.charset.StandardCharsets.UTF_8))).create();
            client.apiextensions().v1().customResourceDefinitions().withName("pumps." + group).waitUntilCondition(
                    c -> c != null && c.getStatus() != null && c.getStatus().getConditions().stream().anyMatch(x -> x.getType().equals("Established") && x.getStatus().equals("True")),
                    30, TimeUnit.SECONDS);
            ResourceDefinitionContext pumps = new ResourceDefinitionContext.Builder().withGroup(group).withVersion("v1").withKind("Pump").withPlural("pumps").withNamespaced(true).build();
            Await.until("pumps are served", Duration.ofSeconds(20), () -> client.genericKubernetesResources(pumps).inNamespace(namespace).list() != null);
            GenericKubernetesResource pump = Serialization.unmarshal("{\"apiVersion\":\"" + group + "/v1\",\"kind\":\"Pump\",\"metadata\":{\"name\":\"p\",\"namespace\":\""
                    + namespace + "\"},\"spec\":{\"lost\":1}}", GenericKubernetesResource.class);
            say("pump", () -> client.genericKubernetesResources(pumps).inNamespace(namespace).resource(pump).create());
            say("pump too fast", () -> client.genericKubernetesResources(pumps).inNamespace(namespace).withName("p")
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"speed\":10}}"));
            say("pump status", () -> client.genericKubernetesResources(pumps).inNamespace(namespace).withName("p").subresource("status")
                    .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"any\":{\"thing\":[1,2.5]}},\"spec\":{\"speed\":3}}"));
            say("pumps", () -> client.genericKubernetesResources(pumps).inNamespace(namespace).list());
            say("definition deleted", () -> client.apiextensions().v1().customResourceDefinitions().withName("pumps." + group).delete().size() + "");
        }

        void election() throws InterruptedException {
            CountDownLatch leading = new CountDownLatch(1);
            CompletableFuture<?> running = client.leaderElector().withConfig(new LeaderElectionConfigBuilder().withName("e").withLeaseDuration(Duration.ofSeconds(5))
                    .withRenewDeadline(Duration.ofSeconds(3)).withRetryPeriod(Duration.ofMillis(500)).withReleaseOnCancel(true)
                    .withLock(new LeaseLock(namespace, "election", "me"))
                    .withLeaderCallbacks(new LeaderCallbacks(leading::countDown, () -> { }, leader -> { })).build()).build().start();
            try {
                if (!leading.await(30, TimeUnit.SECONDS)) {
                    throw new AssertionError("not elected within 30 s");
                }
                said.append("holder ").append(client.leases().inNamespace(namespace).withName("election").get().getSpec().getHolderIdentity()).append('\n');
            } finally {
                running.cancel(true);
            }
        }
    }
}
