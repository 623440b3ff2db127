package io.kelp.mapper.modbus.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.PropertyType;
import io.kelp.mapper.Settings;
import io.kelp.mapper.modbus.internal.Blocks.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlocksTest {

    /** {@code h10+2}: holding registers 10 and 11; {@code i}: input, {@code c}: coil, {@code d}: discrete; {@code !} not to be merged. */
    private static List<Point> points(String text) throws Exception {
        List<Point> points = new ArrayList<>();
        for (String word : text.trim().split(" ")) {
            boolean alone = word.endsWith("!");
            String[] parts = word.replace("!", "").substring(1).split("\\+");
            int count = parts.length > 1 ? Integer.parseInt(parts[1]) : 1;
            String table = Map.of('h', "holding", 'i', "input", 'c', "coil", 'd', "discrete").get(word.charAt(0));
            boolean bits = "cd".indexOf(word.charAt(0)) >= 0;
            points.add(new PointReader(new Settings("", Map.of())).read(TestDevices.property("p" + points.size(),
                    bits || count <= 4 ? PropertyType.INT : PropertyType.STRING,
                    "register", table, "offset", Integer.parseInt(parts[0]), "limit", count, "merge", !alone), ""));
        }
        points.sort(Blocks.ORDER);
        return points;
    }

    private static String show(List<Block> blocks) {
        return blocks.stream().map(b -> b.table().name().toLowerCase(java.util.Locale.ROOT).charAt(0) + "" + b.address() + "+" + b.count())
                .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource({
        "125, 8, h0 h1 h2,               h0+3",
        "125, 8, h2 h0 h1,               h0+3",
        "125, 8, h0 h9,                  h0+10",
        "125, 8, h0 h10,                 h0+1 h10+1",
        "125, 0, h0 h1 h3,               h0+2 h3+1",
        "125, 8, h0+2 h1+2 h0+4,         h0+4",
        "125, 8, h0+4 h1,                h0+4",
        "125, 8, h0 i1 c0 d1,            c0+1 d1+1 i1+1 h0+1",
        "4,   8, h0 h1 h2 h3 h4 h5,      h0+4 h4+2",
        "4,   8, h0+100,                 h0+100",
        "4,   8, h0+3 h3+2,              h0+3 h3+2",
        "125, 124, h0 h124 h125,         h0+125 h125+1",
        "125, 8, c0 c129,                c0+130",
        "125, 8, c0 c130,                c0+1 c130+1",
        "125, 124, c0 c1900 c1999 c2000, c0+2000 c2000+1",
        "125, 8, h0 h1! h2,              h0+1 h1+1 h2+1",
        "125, 8, h0! h0! h0,             h0+1",
        "125, 8, h65535 h65534,          h65534+2",
    })
    void mergesNeighbours(int maxBlock, int maxGap, String points, String blocks) throws Exception {
        assertEquals(blocks, show(new Blocks(maxBlock, maxGap).merge(points(points))));
    }

    @Test
    void splitsAtTheWidestGapElseInTheMiddleAndRemembers() throws Exception {
        Blocks blocks = new Blocks(125, 8);
        List<Point> points = points("h0 h1 h2 h5 h6 h7");
        Block block = blocks.merge(points).get(0);
        assertEquals("h0+3 h5+3", show(blocks.split(block)));
        assertEquals("h0+3 h5+3", show(blocks.merge(points)));
        assertEquals("h5+1 h6+2", show(blocks.split(blocks.merge(points).get(1))));
        assertEquals("", show(blocks.split(blocks.merge(points("h9")).get(0))));
    }

    @Test
    void cutsAreForgottenAfterAWhileForTheDeviceMayHaveBeenExchanged() throws Exception {
        long[] now = {0};
        Blocks blocks = new Blocks(125, 8, () -> now[0]);
        List<Point> points = points("h0 h1");
        blocks.split(blocks.merge(points).get(0));
        now[0] = java.util.concurrent.TimeUnit.MINUTES.toNanos(10);
        assertEquals("h0+1 h1+1", show(blocks.merge(points)));
        now[0]++;
        assertEquals("h0+2", show(blocks.merge(points)));
    }

    @Test
    void whateverIsAskedForIsReadOnceAndWithinTheLimits() throws Exception {
        Random random = new Random(3);
        for (int turn = 0; turn < 300; turn++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 60; i++) {
                text.append("hicd".charAt(random.nextInt(4))).append(random.nextInt(300)).append('+').append(1 + random.nextInt(4)).append(' ');
            }
            int maxBlock = 1 + random.nextInt(125);
            int maxGap = random.nextInt(20);
            List<Point> points = points(text.toString());
            List<Block> blocks = new Blocks(maxBlock, maxGap).merge(points);
            assertEquals(points, blocks.stream().flatMap(b -> b.points().stream()).toList());
            for (Block block : blocks) {
                int most = maxBlock * (block.table().bits() ? 16 : 1);
                int longest = block.points().stream().mapToInt(Point::count).max().orElseThrow();
                assertTrue(block.count() <= Math.max(most, longest + 3), block + " with a limit of " + most);
                assertTrue(block.count() <= block.table().mostRead());
                block.points().forEach(p -> assertTrue(p.address() >= block.address() && p.end() <= block.address() + block.count()));
            }
        }
    }
}
