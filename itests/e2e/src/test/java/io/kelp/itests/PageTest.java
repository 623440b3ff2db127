package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import io.kelp.testkit.Await;
import io.kelp.testkit.Browser;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import io.kelp.testkit.Shell;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The page in a real browser, with a real counter behind it. */
@Tag("chain")
@ExtendWith(Installation.class)
class PageTest {

    private static final String SWITCH = "[data-property=status] [role=switch]";
    private static final Path PICTURES = Path.of("target", "screenshots");
    private static final Duration SOON = Duration.ofSeconds(20);

    private final ControlPlane plane;
    private CloudProcess cloud;
    private Browser browser;

    PageTest(ControlPlane plane) {
        this.plane = plane;
    }

    @BeforeEach
    void start() {
        Path work = Installation.work().resolve("page-" + System.nanoTime());
        cloud = new CloudProcess(work.resolve("cloud"), plane.kubeconfig()).start();
        browser = new Browser(work.resolve("browser"));
        browser.screen(1100, 760, 1, false);
    }

    @AfterEach
    void stop() {
        browser.close();
        cloud.close();
    }

    private void open(String page) {
        browser.open("http://localhost:" + cloud.webPort() + "/#/" + page);
        browser.waitFor("document.getElementById('live').textContent === 'live'");
    }

    private static String value(String property) {
        return "document.querySelector('[data-value=" + property + "]')?.textContent";
    }

    private GatewayProcess counter(String device) {
        GatewayProcess gateway = new Installation.Gateways(cloud).joined("page").start();
        gateway.installMapper("counter");
        plane.apply(Devices.counterModel(device));
        plane.apply(Devices.counter(device, device, gateway.node()));
        Await.until("OFF is reported", SOON, () -> Devices.reported(plane, device, "status").equals("OFF"));
        return gateway;
    }

    private String desired(String device) {
        return plane.get("default", "device", device).orElseThrow().getAsJsonObject("spec").getAsJsonArray("properties").get(0)
                .getAsJsonObject().getAsJsonObject("desired").get("value").getAsString();
    }

    private Shell.Output desire(String device, String value) {
        return plane.kubectl("", "-n", "default", "patch", "device", device, "--type=json", "-p",
                "[{\"op\":\"replace\",\"path\":\"/spec/properties/0/desired/value\",\"value\":\"" + value + "\"}]");
    }

    @Test
    void theCounterIsSwitchedByAClickAndByKubectl() {
        String device = "page-counter";
        try (GatewayProcess gateway = counter(device)) {
            open("devices?q=" + device); // there may be hundreds of devices of other tests
            browser.waitFor("document.querySelector('a[href=\"#/devices/default/" + device + "\"]')");
            browser.click("a[href='#/devices/default/" + device + "']");
            browser.waitFor(value("status") + " === 'OFF'");
            assertEquals("false", browser.evaluate("document.querySelector('" + SWITCH + "').getAttribute('aria-checked')").getAsString());
            assertEquals("read only", browser.text("[data-property=count] .control"));

            browser.click(SWITCH);

            browser.waitFor(value("status") + " === 'ON'", Duration.ofSeconds(5));
            browser.waitFor("Number(" + value("count") + ") >= 4", Duration.ofSeconds(15));
            assertEquals("ON", desired(device));
            assertTrue(plane.kubectl("", "-n", "default", "get", "device", device, "--show-managed-fields", "-o", "jsonpath={.metadata.managedFields[*].manager}")
                    .orFail().contains("kelp-page"));
            assertTrue(lagMillis() < 1000, "the page shows a count " + lagMillis() + " ms after it was reported");
            browser.waitFor("document.querySelector('svg:not([hidden]) polyline')");
            browser.screenshot(PICTURES.resolve("device-light.png"));

            desire(device, "OFF").orFail();

            browser.waitFor(value("status") + " === 'OFF' && " + value("count") + " === '0'", Duration.ofSeconds(5));
            browser.waitFor("document.querySelector('" + SWITCH + "').getAttribute('aria-checked') === 'false'");

            browser.evaluate("document.querySelector('" + SWITCH + "').focus()");
            browser.key(" ", 32, " ");
            browser.waitFor(value("status") + " === 'ON'", Duration.ofSeconds(5));
            browser.screen(390, 844, 2, true);
            browser.waitFor("Number(" + value("count") + ") >= 3");
            assertTrue(browser.evaluate("document.documentElement.scrollWidth <= innerWidth").getAsBoolean(), "it is wider than a phone");
            browser.screenshot(PICTURES.resolve("device-phone-dark.png"));
            open("nodes?q=" + gateway.node());
            browser.waitFor("document.querySelector('a[href=\"#/nodes/" + gateway.node() + "\"]') && document.querySelector('.state.good')");
            browser.screenshot(PICTURES.resolve("gateways-phone-dark.png"));
        }
        assertEquals(List.of(), browser.complaints());
    }

    /** From the gateway's clock at the report to the change on the page, which is on the same machine; the median of three counts. */
    private long lagMillis() {
        JsonArray lags = browser.evaluate("""
                new Promise(done => {
                  const lags = [];
                  const value = document.querySelector('[data-value=count]');
                  const observer = new MutationObserver(() => {
                    const time = value.parentElement.querySelector('time');
                    lags.push(Date.now() - Date.parse(time.dateTime));
                    if (lags.length === 3) { observer.disconnect(); done(lags.sort((a, b) => a - b)); }
                  });
                  observer.observe(value.parentElement, {childList: true, subtree: true, characterData: true});
                })""").getAsJsonArray();
        return lags.get(1).getAsLong();
    }

    @Test
    void whatTheDeviceHasNotDoneIsSeenAndALostConnectionIsSaid() throws Exception {
        String device = "page-waiting";
        try (GatewayProcess gateway = counter(device)) {
            open("devices/default/" + device);
            browser.waitFor(value("status") + " === 'OFF'");
            gateway.kelp("stop").orFail();

            browser.click(SWITCH);

            browser.waitFor("document.querySelector('.waiting:not([hidden])')?.innerText.includes('ON is desired, it reports OFF')");
            assertEquals("ON", desired(device));
            browser.screenshot(PICTURES.resolve("waiting-light.png"));

            cloud.kill();
            browser.waitFor("document.body.classList.contains('lost') && document.getElementById('lost-text').innerText.includes('lost')", Duration.ofSeconds(5));
            assertTrue(browser.evaluate("document.querySelector('.control').inert").getAsBoolean(), "nothing can be set while nobody listens");
            browser.screenshot(PICTURES.resolve("lost-light.png"));
            assertEquals("ON", desired(device), "kubectl knows as before");
            desire(device, "OFF").orFail();

            cloud.start();
            browser.waitFor("!document.body.classList.contains('lost') && document.getElementById('lost').hidden", Duration.ofSeconds(45));
            browser.waitFor("document.querySelector('" + SWITCH + "').getAttribute('aria-checked') === 'false' && document.querySelector('.waiting').hidden");
            desire(device, "ON").orFail();
            gateway.start();
            browser.waitFor(value("status") + " === 'ON' && document.querySelector('.waiting').hidden", Duration.ofSeconds(30));
            browser.click(SWITCH);
            Await.until("OFF is reported", SOON, () -> Devices.reported(plane, device, "status").equals("OFF"));
        }
        assertEquals(List.of(), browser.complaints());
    }

    @Test
    void eachTypeHasItsControlAndHostileTextStaysText() {
        plane.apply("""
                apiVersion: devices.kubeedge.io/v1beta1
                kind: DeviceModel
                metadata: {name: page-boiler, namespace: default, annotations: {values.kelp.io/mode: 'eco,comfort,boost'}}
                spec:
                  properties:
                  - {name: power, type: BOOLEAN, accessMode: ReadWrite, description: '<img src=x onerror="window.hacked=1">'}
                  - {name: target, type: FLOAT, accessMode: ReadWrite, minimum: '5', maximum: '80', unit: °C}
                  - {name: cycles, type: INT, accessMode: ReadWrite, minimum: '0'}
                  - {name: mode, type: STRING, accessMode: ReadWrite}
                  - {name: label, type: STRING, accessMode: ReadWrite}
                  - {name: pressure, type: DOUBLE, accessMode: ReadOnly, unit: '<b>bar</b>'}
                ---
                apiVersion: devices.kubeedge.io/v1beta1
                kind: Device
                metadata: {name: page-boiler, namespace: default, labels: {description: boiler}}
                spec:
                  deviceModelRef: {name: page-boiler}
                  nodeName: nowhere
                  protocol: {protocolName: none, configData: {}}
                  properties:
                  - {name: power}
                  - {name: target, desired: {value: '55'}}
                  - {name: cycles}
                  - {name: mode, desired: {value: eco}}
                  - {name: label, desired: {value: '"><script>window.hacked=1</script><img src=x onerror=window.hacked=1>'}}
                  - {name: pressure}
                  - {name: '<img src=x onerror=window.hacked=1>', desired: {value: '1'}}
                """);
        open("devices/default/page-boiler");
        browser.waitFor("document.querySelectorAll('.property').length === 7");
        assertEquals(List.of("button", "range", "", "SELECT", "INPUT"), List.of(
                browser.evaluate("document.querySelector('[data-property=power] [role=switch]').type").getAsString(),
                browser.evaluate("document.querySelector('[data-property=target] input[type=range]').type").getAsString(),
                browser.evaluate("document.querySelector('[data-property=cycles] input[type=range]')?.type ?? ''").getAsString(),
                browser.evaluate("document.querySelector('[data-property=mode] select').tagName").getAsString(),
                browser.evaluate("document.querySelector('[data-property=label] input').tagName").getAsString()));
        assertEquals(0, browser.evaluate("document.querySelectorAll('main img, main script').length").getAsInt());
        assertFalse(browser.evaluate("'hacked' in window").getAsBoolean());

        enter("target", "81");
        assertEquals("target is at most 80 °C.", browser.text("[data-property=target] .control .problem"));
        assertTrue(browser.evaluate("document.querySelector('[data-property=target] button').disabled").getAsBoolean());
        enter("target", "60.5");
        browser.key("Enter", 13, "\r");
        Await.until("60.5 is desired", SOON, () -> property(1).equals("60.5"));
        enter("cycles", "3");
        browser.click("[data-property=cycles] button");
        Await.until("3 is desired", SOON, () -> property(2).equals("3"));
        browser.evaluate("(() => {const s = document.querySelector('[data-property=mode] select'); s.value = 'boost'; s.dispatchEvent(new Event('input', {bubbles: true}))})()");
        browser.click("[data-property=mode] button");
        Await.until("boost is desired", SOON, () -> property(3).equals("boost"));
        browser.click("[data-property=power] [role=switch]");
        Await.until("true is desired", SOON, () -> property(0).equals("true"));
        enter("label", "<b>x</b>");
        browser.key("Enter", 13, "\r");
        Await.until("the text is desired", SOON, () -> property(4).equals("<b>x</b>"));
        browser.screenshot(PICTURES.resolve("controls-light.png"));

        open("devices?q=boiler");
        browser.waitFor("document.querySelectorAll('tbody tr').length === 1");
        browser.screenshot(PICTURES.resolve("devices-light.png"));
        open("add");
        browser.waitFor("document.querySelectorAll('pre').length === 3");
        String token = cloud.token();
        assertFalse(browser.text("main").contains(token));
        browser.click("[aria-pressed=false]");
        browser.waitFor("document.querySelector('main').innerText.includes(" + new com.google.gson.JsonPrimitive(
                "bin/kelp join --cloud 127.0.0.1 --hub-port " + cloud.hubPort() + " --join-port " + cloud.joinPort() + " --token " + token) + ")");
        browser.click("[aria-pressed=true]");
        browser.waitFor("!document.querySelector('main').innerText.includes('" + token + "')");
        browser.screenshot(PICTURES.resolve("add-light.png"));
        assertFalse(browser.evaluate("'hacked' in window").getAsBoolean());
        assertEquals(List.of(), browser.complaints());
        assertNotEquals("", token);
    }

    private void enter(String property, String text) {
        browser.evaluate("(() => {const f = document.querySelector('[data-property=" + property + "] input[type=text]'); f.focus(); f.select()})()");
        browser.type(text);
    }

    private String property(int index) {
        var property = plane.get("default", "device", "page-boiler").orElseThrow().getAsJsonObject("spec").getAsJsonArray("properties").get(index).getAsJsonObject();
        return property.has("desired") ? property.getAsJsonObject("desired").get("value").getAsString() : "";
    }
}
