package io.kelp.cloud.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.history.PropertyHistory.BusyException;
import io.kelp.cloud.history.PropertyHistory.History;
import io.kelp.cloud.hub.Delivery;
import io.kelp.cloud.hub.GatewayObject;
import io.kelp.cloud.hub.NodeSession;
import io.kelp.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PropertyHistoryTest {

    private static final long NOW = 1_790_000_000_000L;

    private final AtomicLong nanos = new AtomicLong();
    private final Gateway gateway = new Gateway("gw", true);
    private final RecentValues recent = new RecentValues(3, nanos::get);
    private final PropertyHistory history = new PropertyHistory(gateway, recent, () -> NOW, 30_000);

    /** One connected gateway. */
    private static final class Gateway implements Delivery, NodeSession {

        private final String node;
        private final boolean kelp;
        private final List<Message> sent = new ArrayList<>();

        private Gateway(String node, boolean kelp) {
            this.node = node;
            this.kelp = kelp;
        }

        @Override
        public void deliver(String to, Change change, GatewayObject object) {
            throw new AssertionError("no object is delivered");
        }

        @Override
        public void redeliver(String to, GatewayObject object) {
            throw new AssertionError("no object is delivered");
        }

        @Override
        public boolean send(String to, Message message) {
            return sent.add(message);
        }

        @Override
        public void answerReliably(NodeSession session, Message answer, GatewayObject object) {
            throw new AssertionError("nobody asks");
        }

        @Override
        public boolean isConnected(String name) {
            return name.equals(node);
        }

        @Override
        public boolean isKelp(String name) {
            return kelp;
        }

        @Override
        public String node() {
            return node;
        }

        @Override
        public boolean isKelp() {
            return kelp;
        }

        @Override
        public boolean send(Message message) {
            return sent.add(message);
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void complain(String text) {
            throw new AssertionError(text);
        }
    }

    private CompletableFuture<History> ask(String node) {
        return history.ask(node, "default", "d", "p", NOW - 1000, NOW + 1000, 100);
    }

    private Message answer(String points, boolean complete) {
        JsonObject content = new JsonObject();
        content.add("id", gateway.sent.get(gateway.sent.size() - 1).content().getAsJsonObject().get("id"));
        content.add("points", JsonParser.parseString(points));
        content.addProperty("complete", complete);
        return Message.create("kelp", "device", "points", "default/device/d", content);
    }

    @Test
    void whatTheGatewayTellsInSeveralPartsIsOneAnswerWithWhatCameSince() throws Exception {
        history.reported("default", "d", "p", "5", NOW);
        CompletableFuture<History> asked = ask("gw");
        Message question = gateway.sent.get(0);
        assertEquals("kelp device history default/device/d", question.source() + " " + question.group() + " " + question.operation() + " " + question.resource());
        history.handle(gateway, answer("[[" + (NOW - 900) + ",2,1,1.5,2]]", false));
        assertFalse(asked.isDone());
        history.handle(gateway, answer("[[" + (NOW - 800) + ",1,3,3,3]]", true));
        History answer = asked.get(10, TimeUnit.SECONDS);
        assertEquals("[[" + (NOW - 900) + ",2,1,1.5,2],[" + (NOW - 800) + ",1,3,3,3],[" + NOW + ",1,5.0,5.0,5.0]]", answer.points().toString());
        assertEquals("", answer.note());
        assertEquals(0, history.pending());
    }

    @Test
    void aGatewayThatDoesNotAnswerLeadsToWhatWasHeardAndASentence() throws Exception {
        history.reported("default", "d", "p", "5", NOW);
        PropertyHistory impatient = new PropertyHistory(gateway, recent, () -> NOW, 100);
        History answer = impatient.ask("gw", "default", "d", "p", NOW - 1000, NOW + 1000, 100).get(5, TimeUnit.SECONDS);
        assertEquals(1, answer.points().size());
        assertTrue(answer.note().startsWith("Gateway gw did not answer;"), answer.note());
        assertEquals(0, impatient.pending());
    }

    @Test
    void aGatewayThatIsAwayOrRunsKubeEdgeIsNotAsked() throws Exception {
        assertTrue(ask("other").get(10, TimeUnit.SECONDS).note().contains("not connected here"));
        assertTrue(ask("").get(10, TimeUnit.SECONDS).note().contains("on no gateway"));
        Gateway stock = new Gateway("gw", false);
        assertTrue(new PropertyHistory(stock, recent, () -> NOW, 300).ask("gw", "default", "d", "p", 0, NOW, 10).get(10, TimeUnit.SECONDS).note().contains("KubeEdge"));
        assertTrue(gateway.sent.isEmpty() && stock.sent.isEmpty());
    }

    @Test
    void moreThanFourQuestionsToAGatewayAtATimeAreRefusedWithASentence() {
        for (int i = 0; i < 4; i++) {
            ask("gw");
        }
        ExecutionException refused = assertThrows(ExecutionException.class, () -> ask("gw").get(10, TimeUnit.SECONDS));
        assertInstanceOf(BusyException.class, refused.getCause());
        assertTrue(refused.getCause().getMessage().contains("try again"));
        assertEquals(4, gateway.sent.size());
    }

    @Test
    void anotherGatewayCannotAnswer() {
        CompletableFuture<History> asked = ask("gw");
        history.handle(new Gateway("forger", true), answer("[[" + NOW + ",1,6,6,6]]", true));
        assertFalse(asked.isDone());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[1]", "[[1,2]]", "[[1,1,'x','y','z']]", "[[1,1,{}]]", "[['a',1,'b']]", "[[1,1,2,3,4,5]]", "[null]"})
    void pointsThatAreNoneAreLeftOut(String points) throws Exception {
        CompletableFuture<History> asked = ask("gw");
        history.handle(gateway, answer(points, true));
        assertEquals(0, asked.get(10, TimeUnit.SECONDS).points().size());
    }

    @Test
    void noGatewayCanMakeAnAnswerLargerThanWhatWasAsked() throws Exception {
        CompletableFuture<History> asked = ask("gw");
        String many = "[" + "[1,1,2,3,4],".repeat(5000) + "[1,1,2,3,4]]";
        history.handle(gateway, answer(many, false));
        history.handle(gateway, answer(many, true));
        assertEquals(100, asked.get(10, TimeUnit.SECONDS).points().size());
    }

    @Test
    void aGatewayInNineteenSeventyIsHeardAtOurTime() throws Exception {
        history.reported("default", "d", "p", "5", 1000);
        assertEquals(NOW, ask("other").get(10, TimeUnit.SECONDS).points().get(0).getAsJsonArray().get(0).getAsLong());
    }

    @Test
    void ofTextOnlyChangesAreKeptAndOfNumbersTheLastHundreds() {
        for (int i = 0; i < 10_000; i++) {
            recent.add("n", Integer.toString(i), NOW + i * 4000L);
            recent.add("t", i % 1000 < 500 ? "ON" : "OFF", NOW + i * 4000L);
        }
        JsonArray numbers = recent.points("n", 0, Long.MAX_VALUE);
        assertEquals(300, numbers.size());
        assertEquals(9999, numbers.get(299).getAsJsonArray().get(3).getAsInt());
        assertEquals(20, recent.points("t", 0, Long.MAX_VALUE).size());
    }

    @Test
    void ofMorePropertiesThanThereIsRoomForThoseStayThatSomebodyLooksAt() {
        for (String key : List.of("a", "b", "c", "d")) {
            recent.add(key, "1", NOW);
        }
        assertEquals(3, recent.size());
        nanos.addAndGet(1);
        assertEquals(1, recent.points("b", 0, Long.MAX_VALUE).size());
        nanos.addAndGet(1);
        assertEquals(0, recent.points("d", 0, Long.MAX_VALUE).size());
        recent.add("d", "2", NOW);
        assertEquals(1, recent.points("d", 0, Long.MAX_VALUE).size(), "it has a place now");
        assertEquals(1, recent.points("b", 0, Long.MAX_VALUE).size(), "looked at before");
        assertEquals(3, recent.size());
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(16));
        recent.add("e", "1", NOW);
        assertEquals(1, recent.size(), "what nobody hears of or looks at makes room");
    }

    @Test
    void whateverIsReportedNothingBreaks() {
        Random random = new Random(6);
        String signs = "0123456789+-.eENaxdf ∞";
        for (int i = 0; i < 50_000; i++) {
            StringBuilder value = new StringBuilder();
            for (int n = random.nextInt(12); n > 0; n--) {
                value.append(signs.charAt(random.nextInt(signs.length())));
            }
            recent.add("k" + random.nextInt(4), value.toString(), NOW + random.nextInt(1_000_000));
        }
        for (String key : List.of("k0", "k1", "k2", "k3")) {
            assertTrue(recent.points(key, 0, Long.MAX_VALUE).size() <= 300);
        }
    }
}
