package io.kelp.kubeapi.internal.patch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** JSON patch and merge patch; the answers were tried on a kube-apiserver v1.34. */
class JsonPatchTest {

    private static final String OBJECT = "{'d':{'a':'1','b':'2'},'l':['x'],'e':{}}";

    private final Patches patches = new PatchEngine();

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "[] | {'d':{'a':'1','b':'2'},'l':['x'],'e':{}}",
        "null | {'d':{'a':'1','b':'2'},'l':['x'],'e':{}}",
        "[{'op':'add','path':'/d/c'}] | {'d':{'a':'1','b':'2','c':null},'l':['x'],'e':{}}",
        "[{'op':'add','path':'d/y','value':1}] | {'d':{'a':'1','b':'2'},'l':['x'],'e':{},'y':1}",
        "[{'op':'replace','path':'/d/zz','value':'1'}] | {'d':{'a':'1','b':'2','zz':'1'},'l':['x'],'e':{}}",
        "[{'op':'copy','from':'/d/zz','path':'/e/q'}] | {'d':{'a':'1','b':'2'},'l':['x'],'e':{'q':null}}",
        "[{'op':'move','from':'/d/a','path':'/e/q'}] | {'d':{'b':'2'},'l':['x'],'e':{'q':'1'}}",
        "[{'op':'test','path':'/d/zz'}] | {'d':{'a':'1','b':'2'},'l':['x'],'e':{}}",
        "[{'op':'test','path':'/d','value':{'b':'2','a':'1'}}] | {'d':{'a':'1','b':'2'},'l':['x'],'e':{}}",
        "[{'op':'add','path':'/l/-','value':'y'}] | {'d':{'a':'1','b':'2'},'l':['x','y'],'e':{}}",
        "[{'op':'add','path':'/l/0','value':'y'}] | {'d':{'a':'1','b':'2'},'l':['y','x'],'e':{}}",
        "[{'op':'add','path':'/l/-2','value':'y'}] | {'d':{'a':'1','b':'2'},'l':['y','x'],'e':{}}",
        "[{'op':'remove','path':'/l/-1'}] | {'d':{'a':'1','b':'2'},'l':[],'e':{}}",
        "[{'op':'add','path':'/e/x~1y~0z','value':1}] | {'d':{'a':'1','b':'2'},'l':['x'],'e':{'x/y~z':1}}",
        "[{'op':'replace','path':'','value':{'z':1}}] | {'z':1}",
    })
    void changesAsItIsTold(String patch, String result) throws ApiException {
        assertEquals(parse(result), patches.json(parse(OBJECT).getAsJsonObject(), parse(patch)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{} | 400 | error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
        "7 | 400 | error decoding patch: json: cannot unmarshal number into Go value of type []handlers.jsonPatchOp",
        "[7] | 400 | error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp",
        "[{'op':7,'path':'/a'}] | 400 | error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string",
        "[null] | 422 | the server rejected our request due to an error in our request",
        "[{}] | 422 | the server rejected our request due to an error in our request",
        "[{'op':'foo','path':'/a'}] | 422 | the server rejected our request due to an error in our request",
        "[{'op':'add','path':'/x/y','value':'1'}] | 422 | the server rejected our request due to an error in our request",
        "[{'op':'add','path':'/d/a/b','value':'1'}] | 422 | the server rejected our request due to an error in our request",
        "[{'op':'add','path':'','value':{}}] | 422 | the server rejected our request due to an error in our request",
        "[{'op':'remove','path':'/d/zz'}] | 422 | the server rejected our request due to an error in our request",
        "[{'op':'test','path':'/d/a','value':'9'}] | 422 | the server rejected our request due to an error in our request",
        "[{'op':'test','path':'/zz/zz'}] | 422 | the server rejected our request due to an error in our request",
        "[{'op':'move','from':'/d/zz','path':'/e/q'}] | 422 | the server rejected our request due to an error in our request",
        "[{'op':'add','path':'/l/5','value':'x'}] | 422 | the server rejected our request due to an error in our request",
        "[{'op':'add','path':'/l/-3','value':'x'}] | 422 | the server rejected our request due to an error in our request",
        "[{'op':'replace','path':'/l/1','value':'x'}] | 422 | the server rejected our request due to an error in our request",
        "[{'op':'remove','path':'/l/-'}] | 422 | the server rejected our request due to an error in our request",
        "[{'op':'replace','path':'','value':7}] | 422 | the server rejected our request due to an error in our request",
    })
    void refusesWhatCannotBeDone(String patch, int code, String message) {
        ApiException e = assertThrows(ApiException.class, () -> patches.json(parse(OBJECT).getAsJsonObject(), parse(patch)));
        assertEquals(code, e.code());
        assertEquals(message, e.getMessage());
    }

    @Test
    void refusesTooManyOperations() {
        JsonArray patch = new JsonArray();
        for (int i = 0; i <= 10_000; i++) {
            patch.add(new JsonObject());
        }
        ApiException e = assertThrows(ApiException.class, () -> patches.json(new JsonObject(), patch));
        assertEquals(413, e.code());
        assertEquals("Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001", e.getMessage());
    }

    @Test
    void refusesToGrowByCopiesWithoutBound() {
        JsonArray patch = new JsonArray();
        for (int i = 0; i < 100; i++) {
            patch.add(parse("{'op':'copy','from':'/d','path':'/d/n" + i + "'}"));
        }
        assertEquals(422, assertThrows(ApiException.class, () -> patches.json(parse(OBJECT).getAsJsonObject(), patch)).code());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{'d':{'a':null,'c':{'n':null,'m':1}}} | {'d':{'b':'2','c':{'m':1}},'l':['x'],'e':{}}",
        "{'l':[1,null,{'n':null}],'e':{'x':[null,{'y':null}]}} | {'d':{'a':'1','b':'2'},'l':[1,null,{}],'e':{'x':[null,{}]}}",
        "{'d':[{'n':null}]} | {'d':[{'n':null}],'l':['x'],'e':{}}",
        "{} | {'d':{'a':'1','b':'2'},'l':['x'],'e':{}}",
    })
    void mergesAsRfc7386(String patch, String result) throws ApiException {
        assertEquals(parse(result), patches.merge(parse(OBJECT).getAsJsonObject(), parse(patch)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "null | Invalid JSON Patch",
        "[] | error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
        "`\"x\"` | error decoding patch: json: cannot unmarshal string into Go value of type map[string]interface {}",
    })
    void refusesAMergePatchThatIsNoObject(String patch, String message) {
        ApiException e = assertThrows(ApiException.class, () -> patches.merge(new JsonObject(), parse(patch)));
        assertEquals(400, e.code());
        assertEquals(message, e.getMessage());
    }

    private static JsonElement parse(String text) {
        return StrictJson.parse(text.replace('\'', '"'));
    }
}
