package io.kelp.cloud.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.junit.jupiter.api.Test;

/** What of the queued messages goes in one text. */
class GatewayLinkTest {

    private final List<String> written = new ArrayList<>();
    private final List<Callback> unfinished = new ArrayList<>();
    private final GatewayLink link = new GatewayLink(100_000, 100_000, new InboundBudget(100_000));

    private GatewayLink open() {
        link.owner(new GatewayLink.Owner() {
            @Override
            public void opened() {}

            @Override
            public boolean received(String text, int bytes) {
                return true;
            }

            @Override
            public boolean receivedPart() {
                return true;
            }

            @Override
            public void ended(String reason) {}
        });
        link.onOpen(new CoreSession.Empty() {
            @Override
            public void sendFrame(Frame frame, Callback callback, boolean batch) {
                written.add(frame.getPayloadAsUTF8());
                unfinished.add(callback);
            }
        }, Callback.NOOP);
        return link;
    }

    private void finish() {
        unfinished.remove(0).succeeded();
    }

    @Test
    void aGatewayThatReadsSeveralGetsWhatIsQueuedInOneTextInItsOrder() {
        open().joins();
        assertTrue(link.queue("a\n") && link.queue("b\n"));
        assertEquals(List.of(), written);
        assertTrue(link.send("c\n"));
        assertEquals(List.of("a\nb\nc\n"), written);
        link.send("d\n");
        link.queue("e\n");
        finish();
        assertEquals(List.of("a\nb\nc\n", "d\ne\n"), written);
        finish();
        assertEquals(0, link.queuedBytes());
        link.queue("f\n");
        link.flush();
        assertEquals("f\n", written.get(2));
    }

    @Test
    void othersGetOneMessageInATextAndLongOnesGoAlone() {
        open().send("a\n");
        link.send("b\n");
        finish();
        assertEquals(List.of("a\n", "b\n"), written);
        link.joins();
        String longest = "x".repeat(40_000) + "\n";
        link.send("c\n");
        link.send(longest);
        link.send("d\n");
        finish();
        finish();
        finish();
        assertEquals(List.of("a\n", "b\n", "c\n", longest, "d\n"), written);
    }
}
