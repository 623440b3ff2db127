package io.kelp.edged.internal.manifest;

/** A manifest that cannot be used. The message is a sentence with the key at fault. */
final class ManifestException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String remedy;

    ManifestException(String sentence, String remedy) {
        super(sentence);
        this.remedy = remedy;
    }

    String remedy() {
        return remedy;
    }
}
