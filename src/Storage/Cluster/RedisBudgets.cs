using System.Globalization;
using StackExchange.Redis;

namespace Engagement.Storage.Cluster;

/// <summary>The budgets of all nodes together: one script, one round trip, on Redis' own clock.</summary>
internal static class RedisBudgets
{
    // Each budget is one number: when it would be full again (microseconds). Taking k moves it k steps on; what lies between it
    // and now + burst is free. One that stands further ahead than a burst is from a clock that was set back, and is brought near.
    // KEYS: budgets. ARGV: for each its step and burst, then for each request the count, how many budgets, and which.
    // The answer: for each request what is granted, and the pause in milliseconds after which the rest, or a burst of it, is there.
    private const string Script = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local full, step, burst, changed = {}, {}, {}, {}
        for i = 1, #KEYS do
          step[i] = tonumber(ARGV[2 * i - 1])
          burst[i] = tonumber(ARGV[2 * i])
          local at = tonumber(redis.call('GET', KEYS[i]) or 0) or 0
          if at < now then at = now end
          if at > now + burst[i] * step[i] + 1 then
            at = now + burst[i] * step[i]
            changed[i] = true
          end
          full[i] = at
        end
        local answer, a = {}, 2 * #KEYS + 1
        while a <= #ARGV do
          local wanted, count = tonumber(ARGV[a]), tonumber(ARGV[a + 1])
          local granted = wanted
          for j = a + 2, a + 1 + count do
            local i = tonumber(ARGV[j])
            local free = math.floor(burst[i] - (full[i] - now) / step[i] + 0.000001)
            if free < granted then granted = free end
          end
          if granted < 0 then granted = 0 end
          local pause = 0
          for j = a + 2, a + 1 + count do
            local i = tonumber(ARGV[j])
            if granted > 0 then
              full[i] = full[i] + granted * step[i]
              changed[i] = true
            end
            local more = math.min(wanted - granted, burst[i])
            if more > 0 then pause = math.max(pause, full[i] - now + (more - burst[i]) * step[i]) end
          end
          answer[#answer + 1] = granted
          answer[#answer + 1] = math.ceil(pause / 1000)
          a = a + 2 + count
        end
        for i = 1, #KEYS do
          if changed[i] then
            redis.call('SET', KEYS[i], string.format('%.0f', math.ceil(full[i])), 'PX', math.ceil(burst[i] * step[i] / 1000) + 1000)
          end
        end
        return answer
        """;

    /// <summary>Takes what is free; the prefix stands in braces, so that a Redis Cluster keeps the budgets together.</summary>
    public static async Task<IReadOnlyList<BudgetGrant>> TakeAsync(IDatabase redis, string prefix, IReadOnlyList<BudgetRequest> wanted)
    {
        var budgets = wanted.SelectMany(request => request.Budgets).DistinctBy(budget => budget.Name).ToList();
        var keys = budgets.Select(budget => (RedisKey)$"{{{prefix}}}:rate:{budget.Name}").ToArray();
        var values = new List<RedisValue>(2 * budgets.Count + 4 * wanted.Count);
        foreach (var budget in budgets)
        {
            values.Add((1_000_000 / budget.PerSecond).ToString("R", CultureInfo.InvariantCulture));
            values.Add(budget.Burst);
        }

        foreach (var request in wanted)
        {
            values.Add(request.Count);
            values.Add(request.Budgets.Count);
            foreach (var budget in request.Budgets) values.Add(1 + budgets.FindIndex(known => known.Name == budget.Name));
        }

        var answer = (long[])(await RunAsync(redis, Script, keys, [.. values]).ConfigureAwait(false))!;
        return [.. wanted.Select((_, i) => new BudgetGrant((int)answer[2 * i], TimeSpan.FromMilliseconds(answer[2 * i + 1])))];
    }

    /// <summary>Runs a script; a server that has forgotten it (a restart, SCRIPT FLUSH) is told again.</summary>
    public static async Task<RedisResult> RunAsync(IDatabase redis, string script, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await redis.ScriptEvaluateAsync(script, keys, values).ConfigureAwait(false);
        }
        catch (RedisServerException failure) when (failure.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await redis.ScriptEvaluateAsync(script, keys, values).ConfigureAwait(false);
        }
    }
}
