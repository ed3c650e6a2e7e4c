using System.Net;
using System.Net.Sockets;
using System.Text;
using Engagement.Messaging.Channels;
using Engagement.Tests.Support;

namespace Engagement.Tests.Messaging.Channels;

/// <summary>Failures before a byte of the message left: the one kind of failure that proves that nobody has it.</summary>
public sealed class ConnectingToProviders
{
    [Fact]
    public async Task Where_nobody_listens_the_message_never_left() =>
        Assert.Equal(SendResult.Refused(ErrorClass.Retry, "connect_failed"), await SendAsync(FakeProvider.NobodyThere()));

    [Fact]
    public async Task A_name_that_does_not_exist_is_a_message_that_never_left()
    {
        var result = await SendAsync(new Uri("http://provider.invalid"));

        // Where a resolver answers slowly, the time-out comes first; the message did not leave either way.
        Assert.Equal((Acceptance.No, ErrorClass.Retry), (result.Accepted, result.Class));
        Assert.StartsWith("connect_", result.Code);
    }

    [Fact]
    public async Task A_failed_tls_hand_shake_is_a_message_that_never_left()
    {
        await using var provider = await FakeProvider.StartAsync();

        Assert.Equal(SendResult.Refused(ErrorClass.Retry, "connect_failed"), await SendAsync(new UriBuilder(provider.Address) { Scheme = "https" }.Uri));
        Assert.Empty(provider.Requests);
    }

    [Fact]
    public async Task A_tls_hand_shake_that_never_ends_is_a_message_that_never_left()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        Assert.Equal(
            SendResult.Refused(ErrorClass.Retry, "connect_timeout"),
            await SendAsync(new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"), TimeSpan.FromMilliseconds(300)));
    }

    [Fact]
    public async Task A_message_that_waited_in_vain_for_a_connection_never_left()
    {
        await using var provider = (await FakeProvider.StartAsync()).On("/", FakeProvider.Silence);
        using var http = new ProviderHttp(provider.Address, 1, TimeSpan.FromMilliseconds(300), new PatientAtFirst());
        var first = SendAsync(http, provider.Address);
        await provider.ArrivedAsync("/", 1);

        Assert.Equal(SendResult.Refused(ErrorClass.Retry, "connect_timeout"), await SendAsync(http, provider.Address));

        Assert.Equal(1, provider.Count("/"));
        await provider.DisposeAsync();
        Assert.Equal(SendResult.InDoubt("reset"), await first);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    public async Task A_provider_that_takes_the_connection_and_closes_it_leaves_doubt(string content)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var accept = CloseNextAsync(listener);

        var result = await SendAsync(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"), content: content);

        await accept;
        Assert.Equal(SendResult.InDoubt("reset"), result);
    }

    [Fact]
    public async Task Content_is_written_once_whoever_asks()
    {
        using var body = new RequestBody();
        using var content = new WriteOnceContent(body, null);
        Assert.False(content.Left);
        await content.CopyToAsync(Stream.Null);

        Assert.True(content.Left);
        await Assert.ThrowsAnyAsync<Exception>(() => content.CopyToAsync(Stream.Null));
    }

    private static async Task CloseNextAsync(TcpListener listener)
    {
        using var socket = await listener.AcceptSocketAsync();
        // Reading first, so that the request has certainly left.
        await socket.ReceiveAsync(new byte[4096]);
    }

    private static async Task<SendResult> SendAsync(Uri address, TimeSpan? timeout = null, string content = "{}")
    {
        using var http = new ProviderHttp(address, 4, timeout ?? TimeSpan.FromSeconds(10), TimeProvider.System);
        return await SendAsync(http, address, content);
    }

    private static async Task<SendResult> SendAsync(ProviderHttp http, Uri address, string content = "{}")
    {
        using var body = new RequestBody();
        Encoding.UTF8.GetBytes(content, body);
        using var once = new WriteOnceContent(body, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, address);
        using var answer = await http.ExchangeAsync(request, once);
        Assert.True(answer.Failed(out var failure));
        return failure;
    }

    /// <summary>The first deadline never comes, the others do.</summary>
    private sealed class PatientAtFirst : TimeProvider
    {
        private bool _patient = true;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var due = _patient ? Timeout.InfiniteTimeSpan : dueTime;
            _patient = false;
            return base.CreateTimer(callback, state, due, period);
        }
    }
}
