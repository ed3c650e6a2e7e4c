using Engagement.Storage;
using Engagement.Storage.Cluster;
using Engagement.Tests.Messaging.Channels;
using Engagement.Tests.Support;

namespace Engagement.Tests.Storage.Cluster;

/// <summary>A Redis of the test's own and nodes of one installation over it.</summary>
public abstract class SharedRedis : IAsyncLifetime
{
    private readonly TempFolder _keys = new();
    private readonly List<ClusterState> _nodes = [];
    private FieldCipher? _cipher;

    protected RedisServer Redis { get; } = new();

    /// <summary>What a node has logged, by the order in which they were opened.</summary>
    private protected List<RecordingLogger<ClusterState>> Logs { get; } = [];

    /// <summary>How many workers the heartbeats tell each node of.</summary>
    protected int Workers { get; set; } = 2;

    public async Task InitializeAsync()
    {
        await Redis.InitializeAsync();
        _cipher = new FieldCipher(KeyRing.Create(_keys["keys"], demo: true));
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes) node.Dispose();
        await Redis.DisposeAsync();
        _keys.Dispose();
    }

    /// <summary>A node that has found Redis.</summary>
    protected async Task<ClusterState> NodeAsync()
    {
        var node = OpenNode();
        await IsAsync(node, ClusterCondition.Shared);
        return node;
    }

    /// <summary>A node that has only just begun.</summary>
    /// <param name="cipher">Keys other than the installation's.</param>
    /// <param name="limit">What a question may take: long, unless the test is about it, for the machine may be busy.</param>
    private protected ClusterState OpenNode(FieldCipher? cipher = null, TimeSpan? limit = null)
    {
        var logged = new RecordingLogger<ClusterState>();
        var node = new RedisCluster(new ClusterOptions { Redis = Redis.ConnectionString }, $"node-{_nodes.Count}", () => Workers, cipher ?? _cipher!, TimeProvider.System, limit ?? TimeSpan.FromSeconds(20), logged);
        lock (_nodes)
        {
            _nodes.Add(node);
            Logs.Add(logged);
        }

        return node;
    }

    protected static Task IsAsync(ClusterState node, ClusterCondition condition) => Eventually.True(() => node.Condition == condition);
}
