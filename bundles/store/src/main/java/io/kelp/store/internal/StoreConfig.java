package io.kelp.store.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What an operator can tune; every value can change while the store runs. */
@ObjectClassDefinition(name = "Kelp store", description = "What lasts on the gateway: databases, journal, write batching")
public @interface StoreConfig {

    @AttributeDefinition(name = "Fold the journal every (s)", min = "1", max = "3600",
            description = "How often reported values are written from memory to meta.db")
    int foldSeconds() default 60;

    @AttributeDefinition(name = "Journal size (KiB)", min = "64", max = "65536",
            description = "Bound of the journal in the run directory; when it is full it is compacted and folded")
    int journalKibibytes() default 4096;

    @AttributeDefinition(name = "Writes waiting for the disk", min = "100", max = "1000000",
            description = "Per file; further writes fail at once")
    int queueWrites() default 20_000;

    @AttributeDefinition(name = "Bytes waiting for the disk (KiB)", min = "256", max = "262144",
            description = "Per file; further writes fail at once")
    int queueKibibytes() default 8192;

    @AttributeDefinition(name = "Largest record (KiB)", min = "16", max = "65536")
    int recordKibibytes() default 4096;

    @AttributeDefinition(name = "Write history every (s)", min = "1", max = "30",
            description = "A power cut costs at most this much of series.db")
    int seriesFlushSeconds() default 30;

    @AttributeDefinition(name = "Safety copy of meta.db every (h)", min = "1", max = "720",
            description = "Made only when something has changed; used when meta.db is broken")
    int snapshotHours() default 24;

    @AttributeDefinition(name = "Broken databases kept", min = "0", max = "10",
            description = "How many set-aside files stay for inspection, the newest first")
    int brokenFilesKept() default 2;
}
