package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import io.kelp.testkit.Await;
import io.kelp.testkit.Browser;
import io.kelp.testkit.Cable;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Graphs, methods, errors and quality on the page, with a real gateway and the sample of the simulator mapper behind it. */
@Tag("slow")
@ExtendWith(Installation.class)
class DevicePageTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration OUTAGE = Duration.ofSeconds(20);
    private static final long LONGEST_GAP_MILLIS = 6_000; // values come each second; the machine may be loaded
    private static final Path PICTURES = Path.of("target", "screenshots");

    private final ControlPlane plane;
    private CloudProcess cloud;
    private Browser browser;

    DevicePageTest(ControlPlane plane) {
        this.plane = plane;
    }

    @BeforeEach
    void start() {
        Path work = Installation.work().resolve("device-page-" + System.nanoTime());
        cloud = new CloudProcess(work.resolve("cloud"), plane.kubeconfig()).start();
        browser = new Browser(work.resolve("browser"));
        browser.screen(1100, 900, 1, false);
    }

    @AfterEach
    void stop() {
        browser.close();
        cloud.close();
    }

    @Test
    void aGraphHasNoHoleAfterAnOutage() throws Exception {
        try (Cable cable = new Cable(cloud.hubPort()); GatewayProcess gateway = new Installation.Gateways(cloud).fresh("graph")) {
            gateway.kelp("join", "--cloud", "127.0.0.1", "--hub-port", "" + cable.port(), "--join-port", "" + cloud.joinPort(),
                    "--token", cloud.token(), "--node", gateway.node()).orFail();
            String device = pumpStation(gateway);
            open(device);
            browser.waitFor("document.querySelector('[data-property=pressure] svg:not([hidden]) polyline')", SOON);

            cable.cut();
            long begin = System.currentTimeMillis();
            Await.until("the outage is over", OUTAGE.plusSeconds(5), () -> System.currentTimeMillis() - begin > OUTAGE.toMillis());
            cable.repair();
            long end = System.currentTimeMillis();

            Await.until("the gateway's history has filled the graph", Duration.ofSeconds(60), () -> widestGapOnThePage(device) < LONGEST_GAP_MILLIS);
            assertEquals("", browser.text(".ranges .hint"));
            JsonArray points = history(device, "pressure");
            long within = points.asList().stream().map(JsonElement::getAsJsonArray).mapToLong(p -> p.get(0).getAsLong())
                    .filter(time -> time > begin && time < end).count();
            assertTrue(within >= OUTAGE.toSeconds() / 2, within + " points of the outage in " + points);
            browser.screenshot(PICTURES.resolve("graph-after-outage.png"));
        }
        assertEquals(List.of(), browser.complaints());
    }

    @Test
    void methodsErrorsAndQualityAreShown() throws Exception {
        try (GatewayProcess gateway = new Installation.Gateways(cloud).joined("story")) {
            String device = pumpStation(gateway);
            Await.until("what is desired is reported", SOON, () -> Devices.reported(plane, device, "setpoint").equals("6.0"));
            open(device);

            enter("start, setpoint", "8");
            browser.click("[data-method=start] button");
            browser.waitFor("document.querySelector('[data-method=start] [data-phase=succeeded]')", SOON);
            assertTrue(browser.text("[data-method=start] dl").matches("(?s).*setpoint\\s+8\\.0.*"), browser.text("[data-method=start] dl"));
            browser.waitFor("document.querySelector('[data-value=setpoint]').textContent === '8.0'", SOON);
            enter("start, setpoint", "80");
            browser.click("[data-method=start] button");
            browser.waitFor("document.querySelector('[data-method=start] [data-phase=failed]')", SOON);
            assertTrue(browser.text("[data-method=start] .result .problem").contains("1 to 10 bar"), browser.text("[data-method=start] .result"));

            JsonArray properties = plane.get("default", "device", device).orElseThrow().getAsJsonObject("spec").getAsJsonArray("properties");
            properties.get(2).getAsJsonObject().getAsJsonObject("desired").addProperty("value", "11");
            plane.patch("default", "device", device, "{\"spec\":{\"properties\":" + properties + "}}");
            browser.waitFor("document.querySelector('[data-property=setpoint] .reading .problem').textContent.includes('1 to 10 bar')", SOON);
            assertEquals("8.0", browser.text("[data-value=setpoint]"));
            browser.screenshot(PICTURES.resolve("refused-light.png"));

            enter("fail, fault", "nan 20s");
            browser.click("[data-method=fail] button");
            browser.waitFor("document.querySelector('[data-value=pressure]').classList.contains('doubtful')", SOON);
            assertTrue(browser.text("[data-property=pressure] .reading .problem").contains("bad"), browser.text("[data-property=pressure]"));
            browser.evaluate("scrollTo(0, 0)");
            browser.screenshot(PICTURES.resolve("quality-light.png"));
            browser.waitFor("!document.querySelector('[data-value=pressure]').classList.contains('doubtful')", Duration.ofSeconds(40));
            browser.screen(390, 844, 2, true);
            assertTrue(browser.evaluate("document.documentElement.scrollWidth <= innerWidth").getAsBoolean(), "it is wider than a phone");
            browser.screenshot(PICTURES.resolve("pump-phone-dark.png"));
        }
        assertEquals(List.of(), browser.complaints());
    }

    private String pumpStation(GatewayProcess gateway) throws IOException {
        gateway.start().installMapper("simulator");
        String device = gateway.node() + "-pump";
        plane.apply(Devices.pumpStation(gateway, device).replace(", deadBand: 0.1", "")); // a value each second
        Await.until("it reports", SOON, () -> !Devices.reported(plane, device, "pressure").isEmpty());
        return device;
    }

    private void open(String device) {
        browser.open("http://localhost:" + cloud.webPort() + "/#/devices/default/" + device);
        browser.waitFor("document.getElementById('live').textContent === 'live' && document.querySelectorAll('.property').length > 6");
    }

    private void enter(String label, String text) {
        browser.evaluate("(() => {const f = document.querySelector('input[aria-label=\"" + label + "\"]'); f.focus(); f.select()})()");
        browser.type(text);
    }

    /** The widest step of the drawn line in milliseconds: a hole is one long step, because a value is held until the next. */
    private long widestGapOnThePage(String device) {
        long first = history(device, "pressure").get(0).getAsJsonArray().get(0).getAsLong();
        double share = browser.evaluate("""
                (() => {
                  const line = document.querySelector('[data-property=pressure] polyline').getAttribute('points').split(' ').map(p => Number(p.split(',')[0]));
                  return Math.max(...line.slice(1).map((x, i) => x - line[i])) / line.at(-1);
                })()""").getAsDouble();
        return (long) (share * (System.currentTimeMillis() - first));
    }

    /** What the page itself asks for. */
    private JsonArray history(String device, String property) {
        long now = System.currentTimeMillis();
        return browser.evaluate("fetch('/api/ui/history?device=default%2F" + device + "&property=" + property + "&from=" + (now - 900_000) + "&to=" + now
                + "&most=400').then(answer => answer.json())").getAsJsonObject().getAsJsonArray("points");
    }
}
