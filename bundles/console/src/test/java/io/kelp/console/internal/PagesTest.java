package io.kelp.console.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.kelp.control.Problem;
import io.kelp.devicetwin.DeviceTwins;
import io.kelp.history.DeviceHistory;
import io.kelp.mapper.DeviceHealth;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.MapperInstaller.Mapper;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.SuggestedProperty;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PagesTest {

    private static final String EVIL = "<script>alert('1')</script>\"";

    @Test
    void showDesiredReportedAndAge() {
        DeviceTwins.Device device = new DeviceTwins.Device(new DeviceTwins.DeviceId("default", "counter"), DeviceTwins.Generation.MODERN,
                null, null, "online", Map.of("status", new DeviceTwins.Twin("string",
                        new DeviceTwins.Value("ON", 1_000_000), new DeviceTwins.Value("OFF", 1_000_000 + 65_000))));
        String page = DevicesPage.page(List.of(device), List.of(), 1_000_000 + 125_000);
        assertTrue(page.contains("<tr><td>default/counter</td><td>modern</td><td>online</td>"
                + "<td><a href=\"kelp-history?device=default%2Fcounter&amp;property=status\">status</a></td>"
                + "<td>ON</td><td>2 min 5 s</td><td>OFF</td><td>1 min 0 s</td><td></td></tr>"), page);
        assertFalse(page.contains("Connections"), "without the mapper runtime nothing is said of connections");
    }

    @Test
    void errorsQualityAndConnectionsAreShown() {
        Map<String, DeviceTwins.Twin> twins = new TreeMap<>();
        twins.put("flow", new DeviceTwins.Twin("float", null, new DeviceTwins.Value("1", 1_000_000, DeviceTwins.Quality.BAD), ""));
        twins.put("setpoint", new DeviceTwins.Twin("float", new DeviceTwins.Value("11", 1_000_000), null, EVIL + "too high"));
        DeviceTwins.Device device = new DeviceTwins.Device(new DeviceTwins.DeviceId("default", "pump"), DeviceTwins.Generation.MODERN,
                null, null, "online", twins);
        DeviceHealth health = new DeviceHealth("default/pump", "modbus", DeviceHealth.State.ONLINE, Instant.ofEpochMilli(1_000_000),
                EVIL + "no route", 11, 1, 2, 3, 4, 5, 6);
        DeviceHealth lost = new DeviceHealth("default/lost", "", DeviceHealth.State.NO_MODEL, Instant.ofEpochMilli(1_000_000), "", 0, 0, 0, 0, 0, 0, 0);
        String page = DevicesPage.page(List.of(device), List.of(health, lost), 1_005_000);
        assertTrue(page.contains("rowspan=\"2\">default/pump</td>"), page);
        assertTrue(page.contains("<td>1</td><td>5 s</td><td>quality bad</td></tr>"), page);
        assertTrue(page.contains("too high</td></tr>") && page.contains("no route</td>") && page.contains("<td>no model</td>"), page);
        assertEquals(1, page.split("discover=default%2Fpump", -1).length - 1);
        assertFalse(page.contains("<script>") || page.contains("discover=default%2Flost"), page);
    }

    @Test
    void suggestionsAreShownAndEscaped() {
        String page = DevicesPage.suggestions(new Html(), List.of(new SuggestedProperty(EVIL, PropertyType.INT,
                DeviceProperty.AccessMode.READ_ONLY, EVIL, Map.of("path", EVIL))));
        assertTrue(page.contains("INT") && page.contains("path=") && !page.contains("<script>"), page);
        assertTrue(DevicesPage.suggestions(new Html(), List.of()).contains("names nothing"));
    }

    @Test
    void podsAreShownAndEscaped() {
        String page = PodsPage.page(JsonParser.parseString("{'pods':{'running':1,'list':[{'namespace':'default','name':'<b>','phase':'Running',"
                + "'state':'Running','ready':'1/1','restarts':2}]}}").getAsJsonObject());
        assertTrue(page.contains("<tr><td>default</td><td>&lt;b&gt;</td><td>Running</td><td>Running</td><td>1/1</td><td>2</td></tr>"), page);
        assertTrue(PodsPage.page(JsonParser.parseString("{'pods':{'list':[]}}").getAsJsonObject()).contains("No pods"));
        assertTrue(PodsPage.page(JsonParser.parseString("{}").getAsJsonObject()).contains("does not run"));
    }

    @Test
    void historyIsDrawnWithoutScript() {
        List<DeviceHistory.Point> numbers = List.of(new DeviceHistory.Point(1_000_000, 3, 1, 2, 4, null),
                new DeviceHistory.Point(1_060_000, 2, 2, 2.5, 3, null), new DeviceHistory.Point(1_200_000, 1, 5, 5, 5, null));
        String page = HistoryPage.page(new DeviceTwins.DeviceId("default", "press"), "pressure", numbers, 0, 3_600_000, 1);
        assertTrue(page.contains("<svg") && page.contains("1 to 5") && !page.contains("<script"), page);
        String texts = HistoryPage.page(new DeviceTwins.DeviceId("default", EVIL), EVIL,
                List.of(new DeviceHistory.Point(1_000_000, 3, Double.NaN, Double.NaN, Double.NaN, EVIL)), 0, 3_600_000, 24);
        assertFalse(texts.contains("<script"), texts);
        assertFalse(texts.contains("NaN"), texts);
        assertTrue(HistoryPage.page(new DeviceTwins.DeviceId("a", "b"), "c", List.of(), 0, 1, 1).contains("Nothing was reported"));
    }

    @Test
    void everythingFromOutsideIsEscaped() {
        Mapper mapper = new Mapper(EVIL, EVIL, EVIL, EVIL, List.of(EVIL), EVIL, 1);
        Problem problem = new Problem(EVIL, EVIL, EVIL, EVIL, Instant.EPOCH);
        String pages = MappersPage.page(List.of(mapper))
                + OverviewPage.page(JsonParser.parseString("{\"link\":{\"lastError\":\"<script>alert\"},\"node\":\"<script>alert\"}").getAsJsonObject(),
                        List.of(problem));
        assertFalse(pages.contains("<script>alert"), pages);
        assertFalse(pages.contains("data-mapper=\"<"), pages);
    }

    @Test
    void mappersThatCameWithTheGatewayCannotBeRemoved() {
        assertFalse(MappersPage.page(List.of(new Mapper("a", "1", "", "ACTIVE", List.of(), "gateway", 0))).contains("<button data-mapper"));
        assertTrue(MappersPage.page(List.of(new Mapper("a", "1", "", "ACTIVE", List.of(), "installed", 0))).contains("<button data-mapper"));
    }

    @Test
    void readsTheActionFromTheQueryAlone() {
        assertEquals("a b", MappersPage.parameter("x=1&name=a%20b", "name"));
        assertEquals(null, MappersPage.parameter("name=%zz", "name"));
        assertEquals(null, MappersPage.parameter(null, "name"));
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            GET,    127.0.0.1:8181, -,                       -,                            -,           true
            GET,    localhost:8181, -,                       -,                            cross-site,  true
            GET,    [::1]:8181,     -,                       -,                            -,           true
            GET,    evil.example,   -,                       -,                            -,           false
            GET,    127.0.0.1.evil.example:8181, -,          -,                            -,           false
            GET,    -,              -,                       -,                            -,           false
            POST,   127.0.0.1:8181, http://127.0.0.1:8181,   -,                            -,           true
            POST,   127.0.0.1:8181, http://evil.example,     -,                            -,           false
            POST,   127.0.0.1:8181, http://127.0.0.1:9999,   -,                            -,           false
            POST,   127.0.0.1:8181, null,                    -,                            -,           false
            POST,   127.0.0.1:8181, -,                       http://evil.example/x,        -,           false
            POST,   127.0.0.1:8181, -,                       http://127.0.0.1:8181/system, -,           true
            POST,   127.0.0.1:8181, -,                       -,                            cross-site,  false
            DELETE, 127.0.0.1:8181, -,                       -,                            same-site,   false
            POST,   127.0.0.1:8181, -,                       -,                            same-origin, true
            POST,   127.0.0.1:8181, -,                       -,                            -,           true
            """)
    void otherSitesAreKeptOut(String method, String host, String origin, String referer, String fetchSite, boolean allowed) {
        assertEquals(allowed, KelpSecurity.refusal(method, host, origin, referer, fetchSite) == null);
    }
}
