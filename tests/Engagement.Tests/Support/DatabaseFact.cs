using Xunit.Abstractions;
using Xunit.Sdk;

namespace Engagement.Tests.Support;

/// <summary>A test that runs on each database, once for each class that inherits it.</summary>
/// <remarks>In a class named <c>…OnMySql</c>, on a machine without the server, it is shown as skipped; in CI it fails.</remarks>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Engagement.Tests.Support.DatabaseFactDiscoverer", "Engagement.Tests")]
public sealed class DatabaseFactAttribute : FactAttribute;

/// <inheritdoc cref="DatabaseFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Engagement.Tests.Support.DatabaseTheoryDiscoverer", "Engagement.Tests")]
public sealed class DatabaseTheoryAttribute : TheoryAttribute;

/// <summary>Finds the cases of a <see cref="DatabaseFactAttribute"/>.</summary>
public sealed class DatabaseFactDiscoverer(IMessageSink sink) : FactDiscoverer(sink)
{
    protected override IXunitTestCase CreateTestCase(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        MissingServer.For(testMethod) is { } reason
            ? MissingServer.Skipped(DiagnosticMessageSink, discoveryOptions, testMethod, reason)
            : base.CreateTestCase(discoveryOptions, testMethod, factAttribute);
}

/// <summary>Finds the cases of a <see cref="DatabaseTheoryAttribute"/>.</summary>
public sealed class DatabaseTheoryDiscoverer(IMessageSink sink) : TheoryDiscoverer(sink)
{
    public override IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute) =>
        MissingServer.For(testMethod) is { } reason
            ? [MissingServer.Skipped(DiagnosticMessageSink, discoveryOptions, testMethod, reason)]
            : base.Discover(discoveryOptions, testMethod, theoryAttribute);
}

file static class MissingServer
{
    private static readonly bool s_ci = Environment.GetEnvironmentVariable("CI") is "true" or "1";

    public static string? For(ITestMethod method) =>
        !s_ci && method.TestClass.Class.Name.EndsWith("OnMySql", StringComparison.Ordinal) ? MariaDbServer.Missing : null;

    public static XunitSkippedDataRowTestCase Skipped(
        IMessageSink sink, ITestFrameworkDiscoveryOptions options, ITestMethod method, string reason) =>
        new(sink, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method, reason);
}
