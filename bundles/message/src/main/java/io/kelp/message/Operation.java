package io.kelp.message;

/** The verbs of the channel (specification section 3.4), as they are written on the wire. */
public final class Operation {

    public static final String INSERT = "insert";
    public static final String UPDATE = "update";
    public static final String PATCH = "patch";
    public static final String DELETE = "delete";
    public static final String QUERY = "query";
    public static final String RESPONSE = "response";
    public static final String ERROR = "error";
    public static final String KEEPALIVE = "keepalive";
    public static final String UPLOAD = "upload";
    public static final String GET = "get";

    private Operation() {}
}
