package io.kelp.devicetwin.internal;

import io.kelp.devicetwin.DeviceTwins.Quality;
import java.util.Locale;
import java.util.Objects;

/**
 * What is known of a reported value besides the value. Kelp's addition: nothing of it is on the wire while there is nothing to say.
 *
 * @param quality how far the value can be believed
 * @param error why the desired value was not taken; empty when it was after all, {@code null} when there never was an error
 * @param local whether the cloud is not told the value ({@code reportToCloud: false})
 */
record Remark(Quality quality, String error, boolean local) {

    static final Remark NONE = new Remark(Quality.GOOD, null, false);

    private static final int ERROR_LENGTH = 512;

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Remark remark && quality == remark.quality && local == remark.local && Objects.equals(error, remark.error);
    }

    @Override
    public int hashCode() {
        return 31 * Objects.hashCode(error) + quality.hashCode();
    }

    Remark withError(String sentence) {
        return new Remark(quality, sentence, local);
    }

    Remark withQuality(Quality newQuality, boolean isLocal) {
        return newQuality == quality && isLocal == local ? this : new Remark(newQuality, error, isLocal);
    }

    /** The word in messages, empty for a good value. */
    String qualityWord() {
        return quality == Quality.GOOD ? "" : quality.name().toLowerCase(Locale.ROOT);
    }

    boolean hasError() {
        return error != null && !error.isEmpty();
    }

    /** One line of bounded length, whatever a device has said. */
    static String sentence(String text) {
        String line = text.strip().replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= ERROR_LENGTH ? line : line.substring(0, ERROR_LENGTH - 1) + "…";
    }
}
