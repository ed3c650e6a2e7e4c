using System.Text.Json;

namespace Engagement.EndToEnd;

/// <summary>The sums that <c>summary.json</c> promises.</summary>
internal static class Contract
{
    public static readonly string[] Producers = ["birthday", "refill", "promotion"];

    public static void Holds(JsonElement summary)
    {
        Assert.Equal(0, Number(summary, "lost"));
        Assert.Equal(0, Number(summary, "duplicates"));
        foreach (var producer in Producers)
        {
            var run = Run(summary, producer);
            Assert.Equal(Number(run, "audience"), Number(run, "enqueued") + Number(run, "heldOut") + Sum(run, "excluded"));
            Assert.Equal(Number(run, "enqueued"),
                Number(run, "sent") + Sum(run, "suppressed") + Number(run, "failed") + Number(run, "inDoubt") + Number(run, "pending"));
            Assert.Equal(Number(run, "sent"), Number(run, "delivered") + Number(run, "undelivered"));
        }

        var sandbox = summary.GetProperty("sandbox");
        Assert.Equal(Producers.Sum(p => Number(Run(summary, p), "sent")), Number(sandbox, "accepted"));
        Assert.Equal(Number(sandbox, "accepted"), Sum(sandbox, "byChannel"));
    }

    public static JsonElement Run(JsonElement summary, string producer) => summary.GetProperty("runs").GetProperty(producer);

    public static int Number(JsonElement of, string name) => of.GetProperty(name).GetInt32();

    public static int Sum(JsonElement of, string name) => of.GetProperty(name).EnumerateObject().Sum(reason => reason.Value.GetInt32());
}
