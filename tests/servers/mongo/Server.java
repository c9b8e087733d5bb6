import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;

/** mongo-java-server on a free port of this machine, which it prints; without any login. */
public final class Server {
    public static void main(String[] arguments) {
        var server = new MongoServer(new MemoryBackend());
        server.bind("127.0.0.1", 0);
        System.out.println("listening " + server.getLocalAddress().getPort());
    }
}
