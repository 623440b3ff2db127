package io.kelp.load;

import io.kelp.testkit.Await;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.nio.file.Path;
import java.time.Duration;

/** One gateway, joined and Ready, on a cloud service on a real control plane. */
final class Rig implements AutoCloseable {

    final ControlPlane plane;
    final CloudProcess cloud;
    final GatewayProcess gateway;
    final Api api;

    Rig(Path work) throws Exception {
        plane = ControlPlane.start(work.resolve("control-plane"));
        cloud = new CloudProcess(work.resolve("cloud"), plane.kubeconfig()).start();
        gateway = new GatewayProcess(work.resolve("gateway"), "bench").join(cloud).start();
        api = new Api(plane.kubeconfig());
        Await.until("the Node is Ready", Duration.ofSeconds(30), () -> plane.readiness("bench").equals("True"));
    }

    /** Makes devices {@code <prefix>0…} with one property {@code value} that nobody drives. */
    void plainDevices(String prefix, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            api.create("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices", """
                    {"apiVersion":"devices.kubeedge.io/v1beta1","kind":"Device","metadata":{"name":"%s%d","namespace":"default"},
                    "spec":{"nodeName":"bench","deviceModelRef":{"name":"none"},"protocol":{"protocolName":"foreign"},
                    "properties":[{"name":"value","desired":{"value":"x","metadata":{"type":"string"}},"reportToCloud":true}]}}""".formatted(prefix, i));
        }
        Await.until("the gateway has the devices", Duration.ofSeconds(30),
                () -> gateway.kelp("device", "list").orFail().lines().filter(l -> l.contains(prefix)).count() >= count);
    }

    @Override
    public void close() {
        gateway.close();
        cloud.close();
        plane.close();
    }
}
