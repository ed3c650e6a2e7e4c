using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Engagement.Api.Hosting;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Api.Cli;

/// <summary><c>engage staff audit verify</c>: computes the hash chain of the audit log again and names the first row that does not fit.</summary>
internal static class StaffAuditVerb
{
    private static readonly Option<AuditHead?> s_noted = new("--noted")
    {
        Description = Speech.Say("此前记下的链尾，必须仍在链中", "an end of the chain that was noted down earlier and must still be in it"), HelpName = "SEQ:HASH", CustomParser = Noted,
    };

    public static Command Create()
    {
        var verify = new Command("verify", Speech.Say("校验哈希链，指出第一处断裂", "check the hash chain and name the first broken row")) { s_noted };
        verify.SetAction((parsed, ct) => StaffVerb.WithAsync(parsed, services => VerifyAsync(parsed, services.GetRequiredService<Database>(), ct), ct));
        return new Command("audit", Speech.Say("审计日志", "the audit log")) { verify };
    }

    private static async Task<int> VerifyAsync(ParseResult parsed, Database database, CancellationToken ct)
    {
        var verdict = await AuditLog.VerifyAsync(database, parsed.GetValue(s_noted), ct);
        var output = parsed.InvocationConfiguration.Output;
        if (verdict.Problem is { } problem)
        {
            await output.WriteLineAsync(Speech.Say($"审计日志不完整：{problem.Zh}", $"The audit log is broken: {problem.En}"));
            return 1;
        }

        await output.WriteLineAsync(Speech.Say($"审计日志完整，共 {verdict.Rows} 条。请另处记下链尾：", $"The audit log is whole, {verdict.Rows} row(s). Note its end down elsewhere:"));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{verdict.Head.Seq}:{verdict.Head.Hash}"));
        return 0;
    }

    private static AuditHead? Noted(ArgumentResult result)
    {
        if (result.Tokens[0].Value.Split(':') is [var seq, { Length: 64 } hash] && long.TryParse(seq, out var number)) return new AuditHead(number, hash);
        result.AddError(Speech.Say("--noted 的格式是 SEQ:HASH，与 verify 的输出相同", "--noted is SEQ:HASH, as verify prints it"));
        return null;
    }
}
